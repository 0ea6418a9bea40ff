import type { Redis } from 'ioredis';

/**
 * Everything that Redis holds, ledgers and expiries included, but for how many deliveries of messages there were: equal
 * before and after what changes nothing.
 */
export async function redisContent(redis: Redis): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const key of (await redis.keys('*')).sort()) {
    if (key === 'global:messages') continue;
    const type = await redis.type(key);
    const value =
      type === 'hash'
        ? await redis.hgetall(key)
        : type === 'zset'
          ? await redis.zrange(key, 0, '-1', 'WITHSCORES')
          : await redis.dump(key);
    content[key] = { value, expires: await redis.expiretime(key) };
  }
  return content;
}
