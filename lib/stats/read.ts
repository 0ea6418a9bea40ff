import type { RedisClient } from '../redis/client.ts';
import { GLOBAL_FIELDS, globalStatsKey, type Shard, shardOf, shardsOf, USER_FIELDS, userStatsKey } from './keys.ts';
import { periodsOf, type Range, type Unit } from './periods.ts';
import { type Part, readDays, readTotals, sumOf, type Total, toUnits } from './totals.ts';

/** Revenue is in currency units. */
export type GlobalStats = { total_orders: number; total_revenue: number };

/** Spend is in currency units. */
export type UserStats = { order_count: number; total_spend: number };

/** Orders of a month or a day, and the sum of their values, in cents and in currency units. */
export type PeriodStats = { period: string; orders: number; revenue_cents: number; revenue: number };

/** Every period of a range, in order. */
type Series = { from: string; to: string; granularity: Unit; series: PeriodStats[] };

export type GlobalSeries = Series & GlobalStats & { total_revenue_cents: number };

type UserTotals = UserStats & { total_spend_cents: number };

/** `all_time`: read together with the range. */
export type UserSeries = Series & UserTotals & { all_time: UserTotals };

/**
 * The totals of all users, of all time, in one round trip. Zeros if nothing was counted.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readGlobalStats(redis: RedisClient): Promise<GlobalStats> {
  const read = await Promise.all(
    shardsOf(redis).map((shard) => readTotals(redis, globalStatsKey(shard), GLOBAL_FIELDS, [])),
  );
  const { count, cents } = sumOf(read.map(({ total }) => total));
  return { total_orders: count, total_revenue: toUnits(cents) };
}

/**
 * Like {@link readGlobalStats}, of a range.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readGlobalSeries(redis: RedisClient, range: Range): Promise<GlobalSeries> {
  const names = periodsOf(range);
  const parts = addUp(await Promise.all(shardsOf(redis).map((shard) => readParts(redis, shard, range.unit, names))));
  const { count, cents } = sumOf(parts);
  return {
    ...headOf(range),
    total_orders: count,
    total_revenue: toUnits(cents),
    total_revenue_cents: cents,
    series: seriesOf(names, parts),
  };
}

/**
 * The totals of one user, of all time, in one round trip. Undefined for an unknown user.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readUserStats(redis: RedisClient, userId: string): Promise<UserStats | undefined> {
  const { total } = await readUser(redis, userId, []);
  return total && { order_count: total.count, total_spend: toUnits(total.cents) };
}

/**
 * Like {@link readUserStats}, of a range of months.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readUserSeries(
  redis: RedisClient,
  userId: string,
  range: Range,
): Promise<UserSeries | undefined> {
  const names = periodsOf(range);
  const { total, parts } = await readUser(redis, userId, names);
  if (!total) return undefined;
  return {
    ...headOf(range),
    ...userTotals(sumOf(parts)),
    all_time: userTotals(total),
    series: seriesOf(names, parts),
  };
}

const userTotals = ({ count, cents }: Total): UserTotals => ({
  order_count: count,
  total_spend: toUnits(cents),
  total_spend_cents: cents,
});

const readUser = (redis: RedisClient, userId: string, months: readonly string[]) =>
  readTotals(redis, userStatsKey(shardOf(shardsOf(redis), userId), userId), USER_FIELDS, months);

async function readParts(redis: RedisClient, shard: Shard, unit: Unit, names: readonly string[]) {
  if (unit === 'day') return readDays(redis, shard, names);
  return (await readTotals(redis, globalStatsKey(shard), GLOBAL_FIELDS, names)).parts;
}

/** Adds up the shards, period by period. */
function addUp(shards: readonly (readonly Part[])[]): readonly Part[] {
  const [first = [], ...others] = shards;
  if (others.length === 0) return first;
  return first.map((_, index) => sumOf(shards.map((parts) => parts[index])));
}

const headOf = ({ from, to, unit }: Range) => ({ from, to, granularity: unit });

const NOTHING: Total = { count: 0, cents: 0 };

export const seriesOf = (names: readonly string[], parts: readonly Part[]): PeriodStats[] =>
  names.map((period, index) => {
    const { count, cents } = parts[index] ?? NOTHING;
    return { period, orders: count, revenue_cents: cents, revenue: toUnits(cents) };
  });
