import { Redis } from 'ioredis';
import { newRedisClient, type RedisClient } from '../lib/redisClient.ts';
import { startRedisServer } from '../scripts/local/redisServer.ts';
import { startRedisCluster } from '../tests/support/redisCluster.ts';
import { loadHandler } from './handler.ts';
import { makeLoad } from './orders.ts';
import { type Spread, spreadOf } from './statistics.ts';
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
  // One after the other, as a handler takes its URL from the environment.
  const targets = [
    await connect(ONE_REDIS, await startRedisServer()),
    await connect('cluster, 1 primary', await startRedisCluster({ primaries: 1, replicasOfEach: 0 })),
    await connect('cluster, 3 primaries', await startRedisCluster({ primaries: 3, replicasOfEach: 0 })),
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

async function connect(name: string, server: { readonly url: string; stop(): Promise<void> }) {
  const redis = newRedisClient(server.url, { connectMs: 5000, commandMs: 5000 });
  await redis.connect();
  return {
    name,
    redis,
    count: await loadHandler(server.url),
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}

async function empty(redis: RedisClient): Promise<void> {
  const nodes = redis instanceof Redis ? [redis] : redis.nodes('master');
  for (const node of nodes) await node.flushall();
}
