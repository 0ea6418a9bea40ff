import { defineConfig } from 'vitest/config';
import { mutants, mutate } from './tests/mutants/mutants.ts';
import base from './vitest.config.ts';

const mutant = mutants.find(({ name }) => name === process.env.MUTANT);

// The script with one deliberate error, as the tests load it: no file changes.
export default defineConfig({
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code, id) {
        return mutant && id.endsWith(`/${mutant.file}`) ? mutate(code, mutant) : undefined;
      },
    },
  ],
  test: {
    ...base.test,
    include: [...(base.test?.include ?? []), 'tests/{clock,cluster}/**/*.test.ts'],
    globalSetup: ['tests/support/temporaryFolder.ts', 'tests/support/requireRedis.ts', 'tests/support/requireClock.ts'],
    maxWorkers: 1,
  },
});
