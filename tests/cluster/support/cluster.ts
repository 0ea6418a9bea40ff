import keySlot from 'cluster-key-slot';
import { afterAll, beforeEach } from 'vitest';
import type { RedisClient } from '../../../lib/redis/client.ts';
import { shardOf, shardsOf, userStatsKey } from '../../../lib/stats/keys.ts';
import { type RedisCluster, startRedisCluster } from '../../support/redisCluster.ts';

/** A cluster for one test file, emptied before each test and stopped after the last. */
export async function emptyCluster(): Promise<RedisCluster> {
  const cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 1 });
  beforeEach(async () => {
    for (const { redis } of cluster.primaries) await redis.flushall();
  });
  afterAll(() => cluster.stop());
  return cluster;
}

/** The key of a user's hash on a cluster. */
export const userKey = (redis: RedisClient, userId: string): string =>
  userStatsKey(shardOf(shardsOf(redis), userId), userId);

/** The slot of all keys that an order of a user changes. */
export const slotOfUser = (redis: RedisClient, userId: string): number => keySlot(userKey(redis, userId));

/** The first of U1, U2 and so on that is in the same slot as the user, or the first in another slot. */
export function neighbourOf(redis: RedisClient, userId: string, { sameSlot }: { readonly sameSlot: boolean }): string {
  for (let n = 1; ; n++) {
    const other = `U${n}`;
    if (other !== userId && (slotOfUser(redis, other) === slotOfUser(redis, userId)) === sameSlot) return other;
  }
}
