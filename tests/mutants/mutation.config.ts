import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const { env, testTimeout, hookTimeout } = base.test ?? {};

/** The tests of one part of lib/, as mutation.ts names them. */
export default defineConfig({
  plugins: base.plugins ?? [],
  test: {
    env: env ?? {},
    include: (process.env.MUTATION_TESTS ?? '').split(' '),
    globalSetup: 'tests/support/requireRedis.ts',
    testTimeout: testTimeout ?? 0,
    hookTimeout: hookTimeout ?? 0,
  },
});
