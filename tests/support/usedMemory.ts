import type { Redis } from 'ioredis';

/** Bytes that a Redis has allocated. */
export const usedMemory = async (redis: Redis): Promise<number> =>
  Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
