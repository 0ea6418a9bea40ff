import { defineConfig } from 'vitest/config';
import { mutants, mutate, SCRIPT_FILE } from './tests/mutants/mutants.ts';
import base from './vitest.config.ts';

// The script with one deliberate error, as the tests load it: no file changes.
export default defineConfig({
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code, id) {
        const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
        return mutant && id.endsWith(SCRIPT_FILE) ? mutate(code, mutant) : undefined;
      },
    },
  ],
  test: {
    ...base.test,
    include: [...(base.test?.include ?? []), 'tests/clock/**/*.test.ts'],
    globalSetup: ['tests/support/requireRedis.ts', 'tests/support/requireClock.ts'],
    maxWorkers: 1,
  },
});
