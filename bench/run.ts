import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Option } from 'commander';
import { findRedisServer } from '../dev/servers/programs.ts';
import { whole } from '../scripts/shared/command.ts';
import { NpmCommand } from '../scripts/shared/npmCommand.ts';
import requireRedis from '../tests/support/requireRedis.ts';
import { measureArchive } from './archive.ts';
import { compareUnderFaults } from './faults/compare.ts';
import { Figures, type Options } from './figures.ts';
import { describeGoals, otherGoals, ratioGoals } from './goals.ts';
import { QUICK } from './quick.ts';
import { race } from './race.ts';
import { measureReads } from './reads.ts';
import { countBesideCounted, countBesideLedger } from './remembered.ts';
import { measureCluster, measureReplica } from './servers.ts';
import { measureStart } from './start.ts';

/*
 * How fast the worker is beside others that do the same, with large ledgers, on clusters and with a replica, and what
 * reads and memory cost. All of it in one run on this machine, with redis-servers of its own.
 */

const count = whole(1, 999_999_999);

const options = new NpmCommand()
  .name('npm run bench --')
  .description('Measures the worker beside others that do the same, large ledgers, clusters, reads and memory.')
  .option('--rounds <n>', 'rounds of each measurement, of which the median counts', count, 5)
  .option('--orders <n>', 'orders a round through the handler; others get a share of them', count, 40_000)
  .option('--memory-orders <n>', 'orders to count, of a tenth as many users, for growth and memory', count, 1_000_000)
  .option('--ledger-orders <n,…>', 'orders that ledgers remember', (text) => text.split(',').map(count), [1e6, 1e7])
  .addOption(
    new Option('--quick', 'measure only the seven ratios for a review, in about a minute').implies({ rounds: 3 }),
  )
  .option('--json <file>', 'write all figures to this file too')
  .option('--faults <n>', 'instead of measuring, count what each consumer counts twice or loses under n faults', count)
  .parse()
  .opts<
    Options & { memoryOrders: number; ledgerOrders: readonly number[]; quick?: true; json?: string; faults?: number }
  >();

await requireRedis();
if (options.faults !== undefined) {
  const { text, isExact } = await compareUnderFaults(options.faults);
  console.log(text);
  process.exit(isExact ? 0 : 1);
}

const figures = new Figures();
const machine = await describeMachine();

if (options.quick) await measureRatios();
else await measureAll();

const goals = options.quick ? ratioGoals(figures) : [...ratioGoals(figures), ...otherGoals(figures)];
console.log([machine, ...(options.quick ? [] : [figures.describe()]), describeGoals(goals)].join('\n'));
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ machine, figures: figures.all, goals }, null, 2)}\n`);
}
// The connections of the handlers stay open.
process.exit();

async function measureAll(): Promise<void> {
  await step('Counting orders', () => race(options, figures.add));
  for (const orders of options.ledgerOrders) {
    await step(`Counting beside ${orders} orders`, () => countBesideLedger(orders, options, figures.add));
  }
  const { memoryOrders } = options;
  await step(`Remembering ${memoryOrders} orders`, () => countBesideCounted(memoryOrders, options, figures.add));
  await step('Counting on clusters', () => measureCluster(options, figures.add));
  await step('Counting with a replica', () => measureReplica(options, figures.add));
  await step('Archiving and replaying', () => measureArchive(options, figures.add));
  await step('Reading', () => measureReads(options, figures.add));
  await step('Starting', () => measureStart(options, figures.add));
}

/** What {@link ratioGoals} needs. */
async function measureRatios(): Promise<void> {
  await step('Counting orders', () => race(options, figures.add, QUICK));
  await step('Counting beside 1000000 orders', () => countBesideLedger(1e6, options, figures.add));
  await step('Counting on clusters', () => measureCluster(options, figures.add, QUICK));
}

async function step(name: string, measure: () => Promise<void>): Promise<void> {
  const started = performance.now();
  process.stderr.write(`${name} … `);
  await measure();
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

/** What the figures hold for. */
async function describeMachine(): Promise<string> {
  const redis = execFileSync(await findRedisServer(), ['--version'], { encoding: 'utf8' });
  const version = /v=([\d.]+)/.exec(redis)?.[1] ?? 'unknown';
  const date = new Date().toISOString().slice(0, 10);
  return `${cpus()[0]?.model}, ${cpus().length} cores, Node.js ${process.version}, Redis ${version}, ${date}`;
}
