import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// One file at a time: workers that starve would miss time limits of 60 ms.
export default defineConfig({
  test: {
    ...base.test,
    include: ['tests/chaos/**/*.test.ts'],
    globalSetup: ['tests/support/temporaryFolder.ts', 'tests/support/requireRedis.ts', 'tests/support/requireClock.ts'],
    fileParallelism: false,
  },
});
