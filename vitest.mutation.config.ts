import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

const INTEGRATION = ['exactlyOnce', 'leaderboard', 'ledger', 'revisions', 'staleConnection', 'topUsersTies', 'totals'];

// The tests that run the code of lib/ in their own process.
export default defineConfig({
  test: {
    ...base.test,
    include: ['{lib,functions}/**/*.test.ts', `tests/integration/{${INTEGRATION}}.test.ts`],
  },
});
