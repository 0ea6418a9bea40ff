import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By name, wherever files take longest or failed last: update.test.ts leaves another version deployed, so it is the last. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.sort((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

const temporaryFolder = 'tests/support/temporaryFolder.ts';
const requireLocalStack = 'tests/e2e/support/requireLocalStack.ts';
const testStage = 'tests/e2e/access.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'test', include: [testStage], globalSetup: [temporaryFolder, requireLocalStack] },
      },
      {
        extends: true,
        test: {
          name: 'local',
          include: ['tests/e2e/*.test.ts'],
          exclude: [testStage],
          globalSetup: [temporaryFolder, requireLocalStack, 'tests/e2e/support/stack.ts'],
          setupFiles: 'tests/e2e/support/ready.ts',
        },
      },
    ],
    // All files would share one LocalStack, and with it the totals that they compare.
    fileParallelism: false,
    sequence: { sequencer: ByName },
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      // Where serverless.yml deploys to, whatever region this machine uses otherwise.
      AWS_REGION: 'us-east-1',
    },
    // A deployment takes some 15 s, more where LocalStack pulls the image of the Lambda runtime first.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // Stage local is removed when all is through.
    teardownTimeout: 300_000,
  },
});
