import { Redis } from 'ioredis';

/** Bytes that a Redis has allocated, without its slow log: on a busy machine, that keeps the arguments of up to 128 calls. */
export async function usedMemory(redis: Redis): Promise<number> {
  await redis.slowlog('RESET');
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

/** Process id of a Redis server. */
export async function redisProcess(url: string): Promise<number> {
  const redis = new Redis(url);
  const id = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  redis.disconnect();
  return id;
}
