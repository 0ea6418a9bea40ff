import * as v from 'valibot';
import type { RedisClient } from '../../lib/redis/client.ts';
import { type Difference, expiryOf, type Fields, isWrongType } from './differences.ts';

const Hash = v.array(v.string());

/**
 * The fields of a hash from the reply of HGETALL, a list: an object would lose fields such as `__proto__`.
 *
 * @throws an error where the reply is no list of texts
 */
export function readFields(reply: unknown): Fields {
  const list = v.parse(Hash, reply);
  const fields = new Map<string, string>();
  for (let index = 0; index < list.length; index += 2) fields.set(list[index] ?? '', list[index + 1] ?? '');
  return fields;
}

/** Undefined where the key holds something else. */
export async function readHash(redis: RedisClient, key: string): Promise<Fields | undefined> {
  try {
    return readFields(await redis.call('HGETALL', key));
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}

/** The keys that are going to expire. */
export async function compareExpiries(redis: RedisClient, keys: readonly string[]): Promise<Difference[]> {
  const times = await Promise.all(keys.map((key) => redis.expiretime(key)));
  return keys.flatMap((key, index) => expiryOf(key, times[index] ?? -1));
}
