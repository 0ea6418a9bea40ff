import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';

/** Starts a Redis that ends with the test. */
export async function startTemporaryRedis(
  settings: Record<string, string | number> = {},
): Promise<{ redis: Redis; url: string }> {
  const server = await startRedisServer({ settings });
  const redis = new Redis(server.url);
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { redis, url: server.url };
}
