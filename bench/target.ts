import { newRedisClient, type RedisClient } from '../lib/redisClient.ts';
import { type CountBatch, loadHandler } from './handler.ts';

/** A Redis, or a cluster, to count into: a client of it, and a handler of its own. */
export type Target = { readonly redis: RedisClient; readonly count: CountBatch; stop(): Promise<void> };

/** One after the other, as a handler takes its URL from the environment. */
export async function targetOf(server: { readonly url: string; stop(): Promise<void> }): Promise<Target> {
  const redis = newRedisClient(server.url, { connectMs: 5000, commandMs: 60_000 });
  await redis.connect();
  return {
    redis,
    count: await loadHandler(server.url),
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}
