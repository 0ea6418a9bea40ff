import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// The tests of one part of lib/, as tests/mutants/mutation.ts names them.
export default defineConfig({ test: { ...base.test, include: (process.env.MUTATION_TESTS ?? '').split(' ') } });
