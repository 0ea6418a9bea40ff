import { afterAll, beforeEach } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../../support/redisCluster.ts';

/** A cluster of its own for a file: empty before each test, gone after the last. */
export async function emptyCluster(): Promise<RedisCluster> {
  const cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 1 });
  beforeEach(async () => {
    for (const { redis } of cluster.primaries) await redis.flushall();
  });
  afterAll(() => cluster.stop());
  return cluster;
}
