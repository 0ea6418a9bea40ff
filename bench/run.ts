import { writeFileSync } from 'node:fs';
import { measureBundles } from '../scripts/bundles/measure.ts';
import { startRedisServer } from '../scripts/local/redisServer.ts';
import { measureCluster } from './cluster.ts';
import { loadContenders } from './contenders.ts';
import { judge } from './goals.ts';
import { measureGrowth } from './growth.ts';
import { measureLedger } from './ledger.ts';
import { measureLimit } from './limit.ts';
import { describeMachine } from './machine.ts';
import { measureMemory, remember } from './memory.ts';
import { readOptions } from './options.ts';
import { describe } from './print.ts';
import { race } from './race.ts';
import { measureReads } from './reads.ts';
import type { Report } from './report.ts';
import { spreadOf } from './statistics.ts';

/*
 * How fast the worker is beside others that do the same, what limits it, how fast it is with big ledgers and on a
 * cluster, and what reads, cold starts and memory cost. All of it in one run on this machine, with redis-servers of its
 * own.
 */

const options = readOptions(process.argv.slice(2));
const { rounds } = options;
/** Orders a round for clusters and ledgers: enough, and a run stays short. */
const fewerOrders = Math.ceil(options.orders / 2);
const machine = await describeMachine();
const report: Report = {
  machine,
  ...(await onSmallServer()),
  bundles: await measureBundles(),
  ...(await onFullServer()),
  ledger: await onBigLedgers(),
  cluster: await onClusters(),
};
const goals = judge(report);
console.log(describe(report, goals));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...report, goals }, null, 2)}\n`);
// The connections of the handlers stay open.
process.exit();

async function onSmallServer() {
  const server = await startRedisServer();
  const contenders = await loadContenders(server.url);
  console.error('Counting orders …');
  const limits: number[] = [];
  const results = await race(server.url, contenders, options, async () => {
    const limit = await measureLimit(server.port);
    if (limit !== undefined) limits.push(limit);
  });
  for (const { close } of contenders) close();
  console.error('Reading …');
  const reads = await measureReads(server.url);
  await server.stop();
  return { race: results, limit: limits.length > 0 ? spreadOf(limits) : undefined, reads };
}

async function onFullServer() {
  const { memoryOrders, orders } = options;
  const users = Math.ceil(memoryOrders / 10);
  const server = await startRedisServer();
  console.error(`Remembering ${memoryOrders} orders …`);
  await remember(server.url, memoryOrders, users);
  const memory = await measureMemory(server.url, memoryOrders, users);
  // Measuring has deleted them.
  await remember(server.url, memoryOrders, users);
  const growth = await measureGrowth(server.url, memoryOrders, users, { rounds, orders });
  await server.stop();
  return { growth, memory };
}

async function onBigLedgers() {
  const results = [];
  for (const remembered of options.ledgerOrders) {
    console.error(`Counting beside ${remembered} orders …`);
    results.push(await measureLedger(remembered, rounds, fewerOrders));
  }
  return results;
}

function onClusters() {
  console.error('Counting on clusters …');
  return measureCluster(rounds, fewerOrders);
}
