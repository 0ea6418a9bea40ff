import { RedisConnection } from '../../../lib/redis/connection.ts';
import { expectExact, type Settled } from '../../faults/model.ts';
import type { RedisCluster } from '../../support/redisCluster.ts';

/** Compares all that a cluster holds with the model: every total, month, day, user and score. */
export async function expectExactCluster({ url }: RedisCluster, settled: readonly Settled[]): Promise<void> {
  // A new client each time, so that it knows the nodes that there are now.
  const connection = new RedisConnection(url, { connectMs: 5000, commandMs: 5000 });
  const redis = await connection.open();
  await expectExact(redis, settled);
  connection.drop(redis);
}
