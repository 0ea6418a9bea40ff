import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import Table from 'cli-table3';
import * as v from 'valibot';
import requireRedis from '../support/requireRedis.ts';

/*
 * Mutation testing of lib/ with StrykerJS, one part after the other: a change of a constant is tried with all tests, so each
 * part has only the tests that are about it. Ends with 1 where fewer than 90 % of the changes of a part are found.
 *
 * Arguments: names of parts; only these are run.
 */

const GOAL = 0.9;

/** StrykerJS splits at each comma, so it knows no braces. */
const integration = (names: string) => `tests/integration/{${names}}.test.ts`;
const worker = 'tests/functions/processOrders{,.archive,.outage,.redelivery,.metrics}.test.ts';
const readers = 'tests/functions/get*.test.ts';

/** Parts of lib/: what is changed, and the tests that have to notice. */
const PARTS: Readonly<Record<string, { readonly mutate: string; readonly tests: readonly string[] }>> = {
  orders: { mutate: 'lib/orders/*.ts', tests: ['lib/orders/*.test.ts', 'lib/config.test.ts'] },
  batch: { mutate: 'lib/batch/*.ts', tests: ['lib/batch/*.test.ts', worker, 'tests/functions/getPipeline.test.ts'] },
  archive: {
    mutate: 'lib/archive/*.ts',
    tests: ['lib/archive/*.test.ts', 'tests/functions/{processOrders.archive,replayArchive{,.neverTwice}}.test.ts'],
  },
  http: {
    mutate: 'lib/http/*.ts',
    tests: ['lib/http/*.test.ts', readers, 'tests/functions/{eventShapes,readOutage}.test.ts'],
  },
  counting: {
    mutate: 'lib/counting/*.ts,lib/stats/keys.ts',
    tests: [
      'lib/{counting,stats}/*.test.ts',
      'tests/functions/{processOrders,getPipeline}.test.ts',
      integration('exactlyOnce,leaderboard,ledger,revisions'),
    ],
  },
  reading: {
    mutate: 'lib/stats/*.ts,!lib/stats/keys.ts',
    tests: [
      'lib/stats/{keys,periods}.test.ts',
      'tests/functions/get{GlobalStats,UserStats,TopUsers,Pipeline}.test.ts',
      'tests/cluster/api.test.ts',
      integration('topUsersTies,totals'),
    ],
  },
  redis: {
    mutate: 'lib/redis/*.ts',
    tests: [
      'lib/redis/*.test.ts',
      'lib/batch/outcome.test.ts',
      'lib/config.test.ts',
      'tests/functions/readOutage.test.ts',
    ],
  },
  rest: { mutate: 'lib/*.ts', tests: ['lib/*.test.ts', 'tests/functions/{getHealth,getPipeline}.test.ts', worker] },
};

const Report = v.object({
  files: v.record(v.string(), v.object({ mutants: v.array(v.object({ status: v.string() })) })),
});

await requireRedis();

const names = process.argv.slice(2);
const table = new Table({ head: ['part', 'changes', 'found', '%', 'min'] });
for (const [part, { mutate, tests }] of Object.entries(PARTS)) {
  if (names.length > 0 && !names.includes(part)) continue;
  const started = performance.now();
  const { changes, found } = run(part, mutate, tests);
  const minutes = ((performance.now() - started) / 60_000).toFixed(0);
  table.push([part, changes, found, ((found / changes) * 100).toFixed(1), minutes]);
  // NaN where nothing was changed.
  if (!(found / changes >= GOAL)) process.exitCode = 1;
}
console.log(table.toString());

/** @returns how many changes were tried, and how many of them a test found */
function run(part: string, mutate: string, tests: readonly string[]): { changes: number; found: number } {
  const report = `.stryker-tmp/${part}.json`;
  rmSync(report, { force: true });
  const environment = { MUTATION_TESTS: tests.join(' '), MUTATION_REPORT: report };
  execFileSync(
    'npx',
    ['stryker', 'run', 'tests/mutants/stryker.config.mjs', '--mutate', `${mutate},!lib/**/*.test.ts`],
    {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    },
  );
  const { files } = v.parse(Report, JSON.parse(readFileSync(report, 'utf8')));
  const counts = (status: string) =>
    Object.values(files).reduce((sum, { mutants }) => sum + mutants.filter((one) => one.status === status).length, 0);
  const found = counts('Killed') + counts('Timeout');
  return { found, changes: found + counts('Survived') + counts('NoCoverage') };
}
