import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: [
      'tests/support/temporaryFolder.ts',
      'tests/support/requireRedis.ts',
      'tests/browser/support/setup.ts',
    ],
    // All files share one pipeline, and with it the totals that they compare.
    fileParallelism: false,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Two cores for browser and pipeline: generous, as a limit only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
