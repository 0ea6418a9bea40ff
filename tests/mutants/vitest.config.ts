import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { mutants, mutate, SCRIPT_FILE } from './mutants.ts';

const mutant = mutants.find(({ name }) => name === process.env.MUTANT);

/** The script with one deliberate error, as the tests load it: no file changes. */
export default mergeConfig(
  base,
  defineConfig({
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (code, id) => (mutant && id.endsWith(`/${SCRIPT_FILE}`) ? mutate(code, mutant) : undefined),
      },
    ],
    test: { maxWorkers: 1 },
  }),
);
