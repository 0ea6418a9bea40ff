import { primariesOf, type RedisClient } from '../lib/redisClient.ts';
import { startRedisServer } from '../scripts/local/redisServer.ts';
import { startRedisCluster } from '../tests/support/redisCluster.ts';
import { makeLoad } from './orders.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { targetOf } from './target.ts';
import { rateOf } from './timing.ts';
import { verifyTotals, verifyUsers } from './totals.ts';

/** Orders a second into one Redis, or into a Redis Cluster without replicas. */
export type ClusterResult = {
  readonly into: string;
  readonly inFlight: number;
  readonly ordersPerSecond: Spread;
};

/** What clusters are compared with. */
export const ONE_REDIS = 'one Redis';

const BATCH = 100;
const IN_FLIGHT = [1, 4];

/**
 * Lets one Redis and two clusters take turns for several rounds, and one before them that only warms up. Each starts
 * empty and gets the same orders; its totals are verified.
 */
export async function measureCluster(rounds: number, orders: number): Promise<ClusterResult[]> {
  const targets = [
    { name: ONE_REDIS, ...(await targetOf(await startRedisServer())) },
    { name: 'cluster, 1 primary', ...(await targetOf(await startRedisCluster({ primaries: 1, replicasOfEach: 0 }))) },
    { name: 'cluster, 3 primaries', ...(await targetOf(await startRedisCluster({ primaries: 3, replicasOfEach: 0 }))) },
  ];
  const turns = IN_FLIGHT.flatMap((inFlight) =>
    targets.map((target) => ({ ...target, inFlight, rates: [] as number[] })),
  );
  const load = makeLoad(orders, BATCH);
  for (let round = 0; round <= rounds; round++) {
    for (const { name, redis, count, inFlight, rates } of turns) {
      await empty(redis);
      const rate = await rateOf(count, load, inFlight);
      await verifyTotals(redis, load, name, true);
      await verifyUsers(redis, load, name);
      if (round > 0) rates.push(rate);
    }
  }
  for (const { stop } of targets) await stop();
  return turns.map(({ name, inFlight, rates }) => ({ into: name, inFlight, ordersPerSecond: spreadOf(rates) }));
}

async function empty(redis: RedisClient): Promise<void> {
  for (const node of primariesOf(redis)) await node.flushall();
}
