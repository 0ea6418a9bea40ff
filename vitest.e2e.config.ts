import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    globalSetup: 'tests/e2e/support/requireLocalStack.ts',
    // All files would share one LocalStack, and with it the totals that they compare.
    fileParallelism: false,
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      // Where serverless.yml deploys to, whatever region this machine uses otherwise.
      AWS_REGION: 'us-east-1',
    },
    // A deployment takes some 15 s, more where LocalStack pulls the image of the Lambda runtime first.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
