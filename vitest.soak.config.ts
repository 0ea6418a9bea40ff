import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// As long as it takes.
export default defineConfig({
  test: {
    ...base.test,
    include: ['tests/soak/**/*.test.ts'],
    globalSetup: ['tests/support/temporaryFolder.ts', 'tests/support/requireRedis.ts', 'tests/support/requireClock.ts'],
    testTimeout: 0,
    hookTimeout: 0,
  },
});
