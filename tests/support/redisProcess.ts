import { Redis } from 'ioredis';

/** Process id of a Redis server. */
export async function redisProcess(url: string): Promise<number> {
  const redis = new Redis(url);
  const id = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  redis.disconnect();
  return id;
}
