import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import { shardOf, shardsOf, USER_FIELDS, userKeyPrefix, userStatsKey } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import {
  compareHash,
  type Difference,
  expiryOf,
  type Fields,
  fieldsOf,
  isWrongType,
  readFields,
  wrongType,
} from './differences.ts';
import type { RecountedUser } from './totals.ts';

/** Keys that Redis returns in one step: few round trips, and little memory. */
const KEYS_PER_STEP = 1000;

const NO_FIELDS: Fields = new Map();

/**
 * Compares the hash of every user. A user in another shard than its own is an extra user.
 *
 * @param show - called after every step
 * @returns the differences, sorted by key
 * @throws the error of Redis or of the connection
 */
export async function compareUsers(
  redis: RedisClient,
  users: ReadonlyMap<string, RecountedUser>,
  show: Show,
): Promise<Difference[]> {
  const shards = shardsOf(redis);
  const keyOf = (userId: string) => userStatsKey(shardOf(shards, userId), userId);
  const prefixes = shards.map(userKeyPrefix);
  const expectedOf = (key: string): Fields => {
    const prefix = prefixes.find((start) => key.startsWith(start)) ?? '';
    const userId = key.slice(prefix.length);
    const user = users.get(userId);
    return user && keyOf(userId) === key ? fieldsOf(user.months, USER_FIELDS, user.all) : NO_FIELDS;
  };
  const missing = new Set(Array.from(users.keys(), keyOf));
  // By key: SCAN may return a key twice.
  const differing = new Map<string, Difference[]>();
  let compared = 0;
  for await (const { key, hash, expiry } of allHashes(redis, prefixes)) {
    missing.delete(key);
    const found = hash ? compareHash(key, expectedOf(key), hash) : [wrongType(key, 'hash')];
    found.push(...expiryOf(key, expiry));
    if (found.length > 0) differing.set(key, found);
    compared++;
    show(() => `compared ${compared} users`);
  }
  for (const key of missing) differing.set(key, compareHash(key, expectedOf(key), NO_FIELDS));
  const sorted = [...differing].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.flatMap(([, found]) => found);
}

type StoredHash = {
  readonly key: string;
  /** Undefined when the key is not a hash. */
  readonly hash: Fields | undefined;
  /** See {@link expiryOf}. */
  readonly expiry: number;
};

/** All hashes whose keys have one of the prefixes. */
async function* allHashes(redis: RedisClient, prefixes: readonly string[]): AsyncGenerator<StoredHash> {
  for (const node of primariesOf(redis)) {
    let cursor = '0';
    do {
      const [next, found] = await node.scan(cursor, 'COUNT', KEYS_PER_STEP);
      cursor = next;
      const keys = found.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
      const pipeline = node.pipeline();
      for (const key of keys) pipeline.call('HGETALL', key).expiretime(key);
      const replies = (await pipeline.exec()) ?? [];
      for (const [index, key] of keys.entries()) {
        const [error, reply] = replies[2 * index] ?? [new Error('Redis did not answer')];
        if (error && !isWrongType(error)) throw error;
        const [, expiry] = replies[2 * index + 1] ?? [];
        yield { key, hash: error ? undefined : readFields(reply), expiry: Number(expiry) };
      }
    } while (cursor !== '0');
  }
}
