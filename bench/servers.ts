import { startRedisServer } from '../dev/servers/redisServer.ts';
import { primariesOf, type RedisClient } from '../lib/redis/client.ts';
import { startRedisCluster } from '../tests/support/redisCluster.ts';
import { startReplica } from '../tests/support/replica.ts';
import { type Add, inRounds, type Options } from './figures.ts';
import { fillLedger } from './fillLedger.ts';
import { makeLoad, verifyTotals } from './load.ts';
import { empty, rateOf, targetOf } from './target.ts';

/** Numbers of primaries, and of orders per batch. */
type Sizes = { readonly primaries: readonly number[]; readonly batches: readonly number[] };

const ALL_SIZES = { primaries: [1, 3, 6], batches: [100, 1000] };

/**
 * Counts alternately into one Redis and into clusters without replicas. Each starts empty and gets the same orders; its
 * totals are verified. All nodes share the cores of this machine, so the CPU of the busiest node shows what a cluster gains.
 */
export async function measureCluster(
  { rounds, orders }: Options,
  add: Add,
  { primaries, batches }: Sizes = ALL_SIZES,
): Promise<void> {
  const targets = [{ name: 'one Redis', ...(await targetOf(await startRedisServer())) }];
  for (const nodes of primaries) {
    const target = await targetOf(await startRedisCluster({ primaries: nodes, replicasOfEach: 0 }));
    targets.push({ name: `cluster of ${nodes}`, ...target });
  }
  const loads = batches.map((batch) => ({ column: `batch ${batch}`, load: makeLoad(orders, batch) }));
  await inRounds(rounds, add, async (add) => {
    for (const { column, load } of loads) {
      for (const target of targets) {
        await empty(target);
        const before = await cpuOf(target.redis);
        add('cluster', target.name, column, await rateOf(target, load, 4));
        const after = await cpuOf(target.redis);
        const busiest = Math.max(...Array.from(after, ([node, seconds]) => seconds - (before.get(node) ?? 0)));
        add('nodeTime', target.name, column, (busiest * 1e6) / load.orders);
        await verifyTotals(target.redis, load, target.name);
      }
    }
  });
  for (const { stop } of targets) await stop();
}

/** Seconds of CPU that the process of each primary has used since it started, by its port. */
async function cpuOf(redis: RedisClient): Promise<Map<unknown, number>> {
  const nodes = primariesOf(redis).map(async (node): Promise<[unknown, number]> => {
    const info = await node.info('cpu');
    const [system, user] = [/used_cpu_sys:([\d.]+)/, /used_cpu_user:([\d.]+)/].map((part) => part.exec(info)?.[1]);
    return [node.options.port, Number(system) + Number(user)];
  });
  return new Map(await Promise.all(nodes));
}

/** Counts into a Redis with a replica. Measures the bytes sent to the replica, with an empty ledger and with a million orders. */
export async function measureReplica({ orders }: Options, add: Add): Promise<void> {
  const server = await startRedisServer();
  const primary = await targetOf(server);
  // Redis counts the bytes only while a replica is connected.
  const replica = await startReplica(server);
  const sentBytes = async () => Number(/master_repl_offset:(\d+)/.exec(await primary.redis.info('replication'))?.[1]);
  for (const [round, remembered] of [0, 1_000_000].entries()) {
    if (remembered > 0) {
      await empty(primary);
      await fillLedger(primary.redis, remembered);
    }
    const before = await sentBytes();
    await rateOf(primary, makeLoad(orders, 100, { first: round * orders }), 1);
    const bytes = (await sentBytes()) - before;
    add('replicated', `ledger of ${remembered.toLocaleString('en')}`, 'bytes', bytes / orders);
  }
  await replica.stop();
  await primary.stop();
}
