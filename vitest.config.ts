import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Makes the import of a Lua file its text, as esbuild does for bundles. */
const luaText = {
  name: 'lua-text',
  transform: (code: string, id: string) => (id.endsWith('.lua') ? `export default ${JSON.stringify(code)}` : undefined),
};

/** By name where files share one deployment: update.test.ts leaves another version deployed, so it is the last. */
class EndToEndByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    if (!files.every(({ project }) => project.name.startsWith('e2e'))) return super.sort(files);
    return files.sort((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

const temporaryFolder = 'tests/support/temporaryFolder.ts';
const requireRedis = [temporaryFolder, 'tests/support/requireRedis.ts'];
const requireClock = [...requireRedis, 'tests/support/requireClock.ts'];
const requireLocalStack = [temporaryFolder, 'tests/e2e/support/requireLocalStack.ts'];
const testStage = 'tests/e2e/access.test.ts';

type Options = NonNullable<TestProjectInlineConfiguration['test']>;

const project = (name: string, include: string[], options: Options = {}): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, include, globalSetup: requireRedis, ...options },
});

/** One file at a time. A group of its own, as vitest wants of projects that differ in their workers. */
const alone = (groupOrder: number): Options => ({ maxWorkers: 1, sequence: { groupOrder } });

export default defineConfig({
  plugins: [luaText],
  test: {
    projects: [
      project('unit', ['{lib,scripts,dashboard,dev}/**/*.test.ts']),
      project('integration', ['tests/{functions,integration}/**/*.test.ts']),
      // Each cluster is six servers.
      project('cluster', ['tests/cluster/**/*.test.ts'], alone(1)),
      project('clock', ['tests/clock/**/*.test.ts'], { globalSetup: requireClock }),
      // Workers that starve would miss time limits of 60 ms.
      project('faults', ['tests/faults/**/*.test.ts'], alone(2)),
      // As long as it takes.
      project('soak', ['tests/soak/**/*.test.ts'], {
        globalSetup: requireClock,
        testTimeout: 0,
        hookTimeout: 0,
      }),
      // All files share one pipeline, and with it the totals that they compare.
      project('browser', ['tests/browser/**/*.test.ts'], {
        globalSetup: [...requireRedis, 'tests/browser/support/setup.ts'],
        ...alone(3),
      }),
      project('e2e-access', [testStage], { globalSetup: requireLocalStack, ...endToEnd(4) }),
      project('e2e', ['tests/e2e/*.test.ts'], {
        exclude: [testStage],
        globalSetup: [...requireLocalStack, 'tests/e2e/support/stack.ts'],
        setupFiles: 'tests/e2e/support/ready.ts',
        ...endToEnd(5),
      }),
    ],
    // More than two cores have, as these tests mostly wait for processes and servers.
    maxWorkers: 4,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', POWERTOOLS_METRICS_DISABLED: 'true' },
    sequence: { sequencer: EndToEndByName },
    // Real servers on two cores: generous, as a limit only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Stage local is removed when all tests on LocalStack are through.
    teardownTimeout: 300_000,
  },
});

/** All files would share one LocalStack, and with it the totals that they compare. */
function endToEnd(groupOrder: number): Options {
  return {
    ...alone(groupOrder),
    // Where serverless.yml deploys to, whatever region this machine uses otherwise.
    env: { AWS_REGION: 'us-east-1' },
    // A deployment takes some 15 s, more where LocalStack pulls the image of the Lambda runtime first.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  };
}
