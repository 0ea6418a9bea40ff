import { writeFileSync } from 'node:fs';
import { measureCluster } from './cluster.ts';
import { Figures } from './figures.ts';
import { judge } from './goals.ts';
import { readOptions } from './options.ts';
import { describeFigures, describeGoals, describeMachine } from './print.ts';
import { race } from './race.ts';
import { measureReads } from './reads.ts';
import { countBesideCounted, countBesideLedger } from './remembered.ts';
import { measureReplicated } from './replicated.ts';

/*
 * How fast the worker is beside others that do the same, with large ledgers and on clusters, and what reads and memory
 * cost. All of it in one run on this machine, with redis-servers of its own.
 */

const options = readOptions(process.argv.slice(2));
const figures = new Figures();
const machine = await describeMachine();

await step('Counting orders', () => race(options, figures.add));
for (const orders of options.ledgerOrders) {
  await step(`Counting beside ${orders} orders`, () => countBesideLedger(orders, options, figures.add));
}
await step(`Remembering ${options.memoryOrders} orders`, () => countBesideCounted(options, figures.add));
await step('Counting on clusters', () => measureCluster(options, figures.add));
await step('Counting with a replica', () => measureReplicated(options, figures.add));
await step('Reading', () => measureReads(options.rounds, figures.add));

const goals = judge(figures);
console.log([machine, describeFigures(figures), describeGoals(goals)].join('\n'));
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ machine, figures: figures.all, goals }, null, 2)}\n`);
}
// The connections of the handlers stay open.
process.exit();

async function step(name: string, measure: () => Promise<void>): Promise<void> {
  const started = performance.now();
  process.stderr.write(`${name} … `);
  await measure();
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}
