import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { mutants, mutate } from './mutants.ts';

const mutant = mutants.find(({ name }) => name === process.env.MUTANT);

/** The scripts with one deliberate error, as the tests load them: no file changes. */
export default mergeConfig(
  base,
  defineConfig({
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (code, id) => (mutant && id.endsWith(`/${mutant.file}`) ? mutate(code, mutant) : undefined),
      },
    ],
    test: { maxWorkers: 1 },
  }),
);
