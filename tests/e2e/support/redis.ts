import { primariesOf, redisClient } from '../../../lib/redis/client.ts';
import { redisAddress } from '../../../lib/redis/url.ts';

/** The last of the 16 databases of a Redis: the orders of these tests stay out of the statistics in the first. */
const DATABASE = 15;

const inOwnDatabase = (url: string): string =>
  redisAddress(url).isCluster ? url : `${url.replace(/\/\d*$/, '')}/${DATABASE}`;

const { REDIS_URL } = process.env;

/** The Redis as the functions reach it: that of REDIS_URL, else the one of docker-compose.yml. */
export const redisUrl = inOwnDatabase(REDIS_URL || 'redis://redis:6379');

/** The same as commands on this machine reach it. */
export const redisUrlHere = inOwnDatabase(REDIS_URL || 'redis://127.0.0.1:6379');

/** Redis loses all orders of these tests. */
export async function flushRedis(): Promise<void> {
  const redis = redisClient(redisUrlHere, { connectMs: 5000, commandMs: 5000 });
  await redis.connect();
  for (const primary of primariesOf(redis)) await primary.flushdb();
  redis.disconnect();
}
