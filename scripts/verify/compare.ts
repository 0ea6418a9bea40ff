import type { RedisClient } from '../../lib/redis/client.ts';
import {
  GLOBAL_FIELDS,
  globalDaysKey,
  globalMessagesKey,
  globalStatsKey,
  shardsOf,
  topUsersFloorKey,
  topUsersKey,
} from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import {
  compareHash,
  corruptValue,
  type Difference,
  type Fields,
  fieldsOf,
  storedTotal,
  sumOf,
  wrongType,
} from './differences.ts';
import { compareLeaderboards } from './leaderboard.ts';
import { compareLedgers } from './ledger.ts';
import type { RecountedTotals } from './recount.ts';
import { compareExpiries, readHash } from './stored.ts';
import { compareUsers } from './users.ts';

/**
 * Compares everything that Redis holds of orders with the recount, in both directions.
 *
 * @param show - called after every step
 * @returns differences of the grand totals and months, of days, leaderboards, results of messages, users and ledgers, in
 *   this order
 * @throws the error of Redis or of the connection
 */
export async function compareAll(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  const { users } = totals;
  const globals = [globalStatsKey, globalDaysKey, topUsersKey, topUsersFloorKey, globalMessagesKey];
  const keys = globals.flatMap((keyOf) => shardsOf(redis).map(keyOf));
  return [
    ...(await compareStats(redis, totals)),
    ...(await compareDays(redis, totals)),
    ...(await compareLeaderboards(redis, users)),
    ...(await compareMessages(redis)),
    ...(await compareExpiries(redis, keys)),
    ...(await compareUsers(redis, users, show)),
    ...(await compareLedgers(redis, totals, show)),
  ];
}

async function compareStats(redis: RedisClient, { ofShards }: RecountedTotals): Promise<Difference[]> {
  const found = Array.from(ofShards, async ([shard, { all, months }]) => {
    const key = globalStatsKey(shard);
    const hash = await readHash(redis, key);
    return hash
      ? compareHash(key, GLOBAL_FIELDS, fieldsOf(GLOBAL_FIELDS, all, months), hash)
      : [wrongType(key, 'hash')];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Compares the sums of all shards, and where these are right, what each shard has of them. After a move from another Redis
 * the first shard has all that was not remembered, so it may have more, and another one less.
 */
async function compareDays(redis: RedisClient, { all, days, ofShards }: RecountedTotals): Promise<Difference[]> {
  const shards = [...ofShards];
  const hashes = await Promise.all(shards.map(([shard]) => readHash(redis, globalDaysKey(shard))));
  const wrong = shards.flatMap(([shard], index) => (hashes[index] ? [] : [wrongType(globalDaysKey(shard), 'hash')]));
  if (wrong.length > 0) return wrong;
  const stored = hashes.flatMap((hash) => hash ?? []);
  const found = compareHash(globalDaysKey(''), undefined, fieldsOf(undefined, all, days), sumOf(undefined, stored));
  if (found.length > 0) return found;
  return shards.slice(1).flatMap(([shard, { all, days }], index) => {
    const expected = fieldsOf(undefined, all, days);
    const differing = compareHash(globalDaysKey(shard), undefined, expected, stored[index + 1] ?? new Map());
    return differing.filter(({ expected, actual }) => !isPartOf(actual, expected));
  });
}

/** Whether one total, which may be missing, is at most the other one. */
function isPartOf(part: string | null, whole: string | null): boolean {
  const [one, other] = [part, whole].map((value) => storedTotal(value ?? '0 0.00'));
  return one !== undefined && other !== undefined && one.orders <= other.orders && one.cents <= other.cents;
}

/** No recount knows the results of deliveries, so these are only looked through for what is no number. */
async function compareMessages(redis: RedisClient): Promise<Difference[]> {
  const found = shardsOf(redis).map(async (shard) => {
    const key = globalMessagesKey(shard);
    const hash: Fields | undefined = await readHash(redis, key);
    if (!hash) return [wrongType(key, 'hash')];
    return [...hash].flatMap(([field, value]) =>
      /^\d{1,15}$/.test(value) ? [] : [corruptValue(key, field, 'a whole number', value)],
    );
  });
  return (await Promise.all(found)).flat();
}
