import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// One cluster at a time: each is six servers.
export default defineConfig({
  test: { ...base.test, include: ['tests/cluster/**/*.test.ts'], fileParallelism: false },
});
