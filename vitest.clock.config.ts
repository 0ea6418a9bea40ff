import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  test: {
    ...base.test,
    include: ['tests/clock/**/*.test.ts'],
    globalSetup: ['tests/support/temporaryFolder.ts', 'tests/support/requireRedis.ts', 'tests/support/requireClock.ts'],
  },
});
