import { RedisConnection } from '../../../lib/redis.ts';
import { defineCountingScript } from '../../../lib/stats/countCall.ts';
import type { RedisCluster } from '../../support/redisCluster.ts';

/** Time limits as the worker has them. */
export const LIMITS = { connectMs: 1000, commandMs: 1000 };

/** A connection as a worker has one. */
export const connectTo = (cluster: RedisCluster): RedisConnection =>
  new RedisConnection(cluster.url, LIMITS, defineCountingScript);
