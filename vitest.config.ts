import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{lib,functions,scripts,dashboard}/**/*.test.ts', 'tests/integration/**/*.test.ts'],
    globalSetup: ['tests/support/temporaryFolder.ts', 'tests/support/requireRedis.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', POWERTOOLS_METRICS_DISABLED: 'true' },
    // More than two cores have, as these tests mostly wait for processes and servers.
    maxWorkers: 4,
    // Real servers on two cores: generous, as a limit only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
