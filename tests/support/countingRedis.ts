import { Redis } from 'ioredis';
import { afterAll, beforeEach } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';

/** A client that knows the counting scripts, of a redis-server of its own: empty before each test, gone after the last. */
export async function countingRedis(): Promise<Redis> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  defineCountingScript(redis);
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  return redis;
}
