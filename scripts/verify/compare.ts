import { primariesOf, type RedisClient } from '../../lib/redisClient.ts';
import { isWrongType } from '../../lib/stats/damagedKey.ts';
import { readHashes } from '../../lib/stats/hashes.ts';
import { GLOBAL_FIELDS, globalMonth, globalStats, USER_FIELDS, userMonth, userStats } from '../../lib/stats/keys.ts';
import { compareTotal, type Difference, sortDifferences, wrongType } from './difference.ts';
import { compareLeaderboard } from './leaderboard.ts';
import type { Recount } from './recount.ts';

/** Keys that Redis is asked for in one step: few round trips, and little at once in memory. */
const KEYS_A_STEP = 250;

/**
 * Compares every total in Redis with the recount, in both directions.
 *
 * @param show - called after every step
 * @throws the error of Redis or of the connection
 */
export async function compareAll(
  redis: RedisClient,
  recount: Recount,
  show: (describe: () => string) => void,
): Promise<Difference[]> {
  const missing = new Set(recount.totals.keys());
  // By key, as SCAN may give out a key twice.
  const differing = new Map<string, Difference[]>();
  let compared = 0;
  for await (const keys of allKeys(redis)) {
    for (const { key, fields, values } of await readTotals(redis, keys)) {
      missing.delete(key);
      const found = values ? compareTotal(key, fields, values, recount.totals.get(key)) : [wrongType(key, 'hash')];
      if (found.length > 0) differing.set(key, found);
      compared++;
    }
    show(() => `compared ${compared} keys`);
  }
  for (const key of missing) {
    const fields = fieldsOf(key);
    if (fields) differing.set(key, compareTotal(key, fields, [null, null], recount.totals.get(key)));
  }
  return sortDifferences([...[...differing.values()].flat(), ...(await compareLeaderboard(redis, recount.users))]);
}

/** All keys, step by step; of a cluster those of one node after the other. */
async function* allKeys(redis: RedisClient): AsyncGenerator<string[]> {
  for (const node of primariesOf(redis)) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'COUNT', KEYS_A_STEP);
      yield keys;
      cursor = next;
    } while (cursor !== '0');
  }
}

type Fields = readonly [string, string];

/** A key with its count and amount; without values when it is no hash. */
type Stored = { key: string; fields: Fields; values: [string | null, string | null] | undefined };

/** Reads those of the keys that hold totals; ledgers and keys of others are left out. */
async function readTotals(redis: RedisClient, keys: readonly string[]): Promise<Stored[]> {
  const wanted = keys.flatMap((key) => {
    const fields = fieldsOf(key);
    return fields ? [{ key, fields }] : [];
  });
  const replies = await readHashes(
    redis,
    wanted.map(({ key, fields }) => [key, ...fields]),
  );
  return wanted.map(({ key, fields }, index) => {
    const reply = replies[index] ?? { error: new Error('Redis did not answer') };
    if ('values' in reply) return { key, fields, values: [reply.values[0] ?? null, reply.values[1] ?? null] };
    if (isWrongType(reply.error)) return { key, fields, values: undefined };
    throw reply.error;
  });
}

const GLOBAL_MONTH = globalMonth('');
const USER = userStats('');
/** What comes before and after the user id in the key of a user's month. */
const [USER_TAG = '', MONTH = ''] = userMonth('*', '').split('*');

/** The fields of a key that holds totals; undefined for any other key. */
function fieldsOf(key: string): Fields | undefined {
  if (key === globalStats || key.startsWith(GLOBAL_MONTH)) return GLOBAL_FIELDS;
  if (key.startsWith(USER) || (key.startsWith(USER_TAG) && key.includes(MONTH))) return USER_FIELDS;
  return undefined;
}
