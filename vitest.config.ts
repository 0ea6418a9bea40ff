import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A profile or a region of the shell is for AWS. Tests use emulators; AWS_ENDPOINT_URL names the LocalStack of e2e. */
for (const name of Object.keys(process.env)) {
  if (name.startsWith('AWS_') && name !== 'AWS_ENDPOINT_URL') delete process.env[name];
}
const awsFiles = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };

/** Makes the import of a Lua file its text, as esbuild does for bundles. */
const luaText = {
  name: 'lua-text',
  transform: (code: string, id: string) => (id.endsWith('.lua') ? `export default ${JSON.stringify(code)}` : undefined),
};

/** Runs end-to-end tests by name. They share one deployment, which the last of them, update.test.ts, replaces. */
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

/** One file at a time. Vitest wants a group for each project with another number of workers. */
const alone = (groupOrder: number): Options => ({ maxWorkers: 1, sequence: { groupOrder } });

export default defineConfig({
  plugins: [luaText],
  test: {
    projects: [
      project('unit', ['{lib,scripts,dashboard,dev}/**/*.test.ts'], { isolate: false }),
      project('integration', ['tests/{functions,integration}/**/*.test.ts']),
      // A cluster is six servers.
      project('cluster', ['tests/cluster/**/*.test.ts'], alone(1)),
      project('clock', ['tests/clock/**/*.test.ts'], { globalSetup: requireClock }),
      // On a busy machine, workers miss their time limits of 60 ms.
      project('faults', ['tests/faults/**/*.test.ts'], alone(2)),
      // SOAK_ORDERS decides how long it takes.
      project('soak', ['tests/soak/**/*.test.ts'], {
        globalSetup: requireClock,
        testTimeout: 0,
        hookTimeout: 0,
      }),
      // All files share one pipeline and compare its totals.
      project('browser', ['tests/browser/**/*.test.ts'], {
        isolate: false,
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
    // More than there are cores: most tests wait for processes and servers.
    maxWorkers: 4,
    env: {
      ...awsFiles,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      POWERTOOLS_METRICS_DISABLED: 'true',
    },
    sequence: { sequencer: EndToEndByName },
    // Generous: a limit only ends what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The teardown of e2e removes stage local from LocalStack.
    teardownTimeout: 300_000,
  },
});

/** All files share one LocalStack and compare its totals. */
function endToEnd(groupOrder: number): Options {
  return {
    ...alone(groupOrder),
    // The region of serverless.yml, whichever one this machine uses.
    env: { AWS_REGION: 'us-east-1' },
    // A deployment takes about 15 s, and longer while LocalStack pulls the image of the Lambda runtime.
    hookTimeout: 600_000,
  };
}
