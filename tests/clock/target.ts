import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { type Clock, startClock } from '../support/clock.ts';
import { startRedisCluster } from '../support/redisCluster.ts';

/** A Redis or a cluster with its own clock. */
export type ClockedRedis = {
  readonly clock: Clock;
  readonly url: string;
  /** Connects as a worker does. */
  connect(): RedisConnection;
  stop(): Promise<void>;
};

/** Long, because the machine may be slow, and these tests are not about a slow Redis. */
const LIMITS = { connectMs: 10_000, commandMs: 10_000 };

/** To a node that is asked nothing for as long, another one is dead: longer than any clock of a test is put forward. */
const YEARS_10 = 10 * 365 * 24 * 3_600_000;

export async function startSingle(): Promise<ClockedRedis> {
  const clock = await startClock();
  const server = await startRedisServer({ environment: clock.environment });
  return targetOf(clock, server);
}

export async function startCluster(): Promise<ClockedRedis> {
  const clock = await startClock();
  const cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0, environment: clock.environment });
  for (const { redis } of cluster.primaries) await redis.config('SET', 'cluster-node-timeout', YEARS_10);
  return targetOf(clock, cluster);
}

const targetOf = (clock: Clock, redis: { readonly url: string; stop(): Promise<void> }): ClockedRedis => ({
  clock,
  url: redis.url,
  connect: () => new RedisConnection(redis.url, LIMITS, defineCountingScript),
  async stop() {
    await redis.stop();
    clock.remove();
  },
});
