import type { RedisClient } from '../../lib/redis/client.ts';
import { GLOBAL_FIELDS, globalDays, globalStats, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import {
  compareHash,
  type Difference,
  type Fields,
  fieldsOf,
  isWrongType,
  type Names,
  sumOf,
  wrongType,
} from './differences.ts';
import { compareLeaderboards } from './leaderboard.ts';
import type { RecountedTotals } from './recount.ts';
import { compareUsers } from './users.ts';

/**
 * Compares everything that Redis holds of orders with the recount, in both directions.
 *
 * @param show - called after every step
 * @returns differences of the grand totals and months, of days, leaderboard and users, in this order
 * @throws the error of Redis or of the connection
 */
export async function compareAll(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  const { all, months, days, users } = totals;
  return [
    ...(await compareGlobal(redis, globalStats, GLOBAL_FIELDS, fieldsOf(GLOBAL_FIELDS, all, months))),
    ...(await compareGlobal(redis, globalDays, undefined, fieldsOf(undefined, all, days))),
    ...(await compareLeaderboards(redis, users)),
    ...(await compareUsers(redis, users, show)),
  ];
}

/** Compares a hash that each shard has a part of. */
async function compareGlobal(
  redis: RedisClient,
  keyOf: (shard: Shard) => string,
  names: Names | undefined,
  expected: Fields,
): Promise<Difference[]> {
  const keys = shardsOf(redis).map(keyOf);
  const hashes = await Promise.all(keys.map((key) => readHash(redis, key)));
  const wrong = keys.flatMap((key, index) => (hashes[index] ? [] : [wrongType(key, 'hash')]));
  if (wrong.length > 0) return wrong;
  const actual = hashes.flatMap((hash) => hash ?? []);
  return compareHash(keyOf(''), names, expected, sumOf(names, actual));
}

/** Undefined where the key holds something else. */
async function readHash(redis: RedisClient, key: string): Promise<Fields | undefined> {
  try {
    return new Map(Object.entries(await redis.hgetall(key)));
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}
