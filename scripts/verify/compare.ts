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
  type Difference,
  difference,
  expiryOf,
  type Fields,
  fieldsOf,
  NOTHING,
  readHash,
  storedTotal,
  totalText,
  wrongType,
} from './differences.ts';
import { compareLeaderboards } from './leaderboard.ts';
import { compareLedgers } from './ledger.ts';
import type { RecountedTotals } from './totals.ts';
import { compareUsers } from './users.ts';

/**
 * Compares everything that Redis holds of orders with the recount, in both directions.
 *
 * @param show - called after every step
 * @throws the error of Redis or of the connection
 */
export async function compareAll(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  return [
    ...(await compareStats(redis, totals)),
    ...(await compareDays(redis, totals)),
    ...(await compareLeaderboards(redis, totals.users)),
    ...(await compareMessages(redis)),
    ...(await compareExpiries(redis)),
    ...(await compareUsers(redis, totals.users, show)),
    ...(await compareLedgers(redis, totals, show)),
  ];
}

async function compareStats(redis: RedisClient, { ofShards }: RecountedTotals): Promise<Difference[]> {
  const found = Array.from(ofShards, async ([shard, { all, months }]) => {
    const key = globalStatsKey(shard);
    const hash = await readHash(redis, key);
    return hash ? compareHash(key, fieldsOf(months, GLOBAL_FIELDS, all), hash) : [wrongType(key, 'hash')];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Compares the sums of all shards. When these are right, it compares what each shard has of them. After a move from
 * another Redis the first shard holds all days that the ledger had forgotten: it may have more, and the others less.
 */
async function compareDays(redis: RedisClient, { days, ofShards }: RecountedTotals): Promise<Difference[]> {
  const shards = [...ofShards];
  const hashes = await Promise.all(shards.map(([shard]) => readHash(redis, globalDaysKey(shard))));
  const wrong = shards.flatMap(([shard], index) => (hashes[index] ? [] : [wrongType(globalDaysKey(shard), 'hash')]));
  if (wrong.length > 0) return wrong;
  const stored = hashes.flatMap((hash) => hash ?? []);
  const found = compareHash(globalDaysKey(''), fieldsOf(days), sumOf(stored));
  if (found.length > 0) return found;
  return shards.slice(1).flatMap(([shard, { days }], index) => {
    const differing = compareHash(globalDaysKey(shard), fieldsOf(days), stored[index + 1] ?? new Map());
    return differing.filter(({ expected, actual }) => !isPartOf(actual, expected));
  });
}

/** Adds up the days of all shards. A corrupt value replaces the sum of its field. */
function sumOf(hashes: readonly Fields[]): Fields {
  const sums = new Map<string, string>();
  for (const [field, value] of hashes.flatMap((hash) => [...hash])) {
    const before = sums.get(field);
    const [one, other] = [before ?? '', value].map(storedTotal);
    if (before === undefined || !other) sums.set(field, value);
    else if (one) sums.set(field, totalText({ orders: one.orders + other.orders, cents: one.cents + other.cents }));
  }
  return sums;
}

/** Whether one total, which may be missing, is at most the other one. */
function isPartOf(part: string | null, whole: string | null): boolean {
  const [one, other] = [part, whole].map((value) => (value === null ? NOTHING : storedTotal(value)));
  return one !== undefined && other !== undefined && one.orders <= other.orders && one.cents <= other.cents;
}

/** The files say nothing about deliveries, so only corrupt numbers of them are found. */
async function compareMessages(redis: RedisClient): Promise<Difference[]> {
  const found = shardsOf(redis).map(async (shard) => {
    const key = globalMessagesKey(shard);
    const hash = await readHash(redis, key);
    if (!hash) return [wrongType(key, 'hash')];
    return [...hash].flatMap(([field, value]) =>
      /^\d{1,15}$/.test(value) ? [] : [difference(key, field, 'a whole number', value, true)],
    );
  });
  return (await Promise.all(found)).flat();
}

async function compareExpiries(redis: RedisClient): Promise<Difference[]> {
  const keys = [globalStatsKey, globalDaysKey, topUsersKey, topUsersFloorKey, globalMessagesKey];
  const ofShards = keys.flatMap((keyOf) => shardsOf(redis).map(keyOf));
  const found = ofShards.map(async (key) => expiryOf(key, await redis.expiretime(key)));
  return (await Promise.all(found)).flat();
}
