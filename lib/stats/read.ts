import type { RedisClient } from '../redis/client.ts';
import { GLOBAL_FIELDS, globalStatsKey, shardOf, shardsOf, USER_FIELDS, userStatsKey } from './keys.ts';
import { periodsOf, type Range } from './periods.ts';
import { type Part, readDays, readTotals, sumOf, type Total, toUnits } from './totals.ts';

/** Revenue is in currency units. */
export type GlobalStats = { total_orders: number; total_revenue: number };

/** Spend is in currency units. */
export type UserStats = { order_count: number; total_spend: number };

type Ends = Pick<Range, 'from' | 'to'>;

/** Totals of a range, and of each month with orders. */
export type OfMonths<Stats> = Stats & Ends & { months: ({ month: string } & Stats)[] };

/** Totals of a range, and of each day with orders. */
export type OfDays<Stats> = Stats & Ends & { days: ({ day: string } & Stats)[] };

/**
 * The totals of all users, of all time or of a range, in one round trip. Zeros if nothing was counted.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readGlobalStats(
  redis: RedisClient,
  range?: Range,
): Promise<GlobalStats | OfMonths<GlobalStats> | OfDays<GlobalStats>> {
  const shards = shardsOf(redis);
  const names = range ? periodsOf(range) : [];
  if (range?.unit === 'day') {
    const days = addUp(await Promise.all(shards.map((shard) => readDays(redis, shard, names))));
    return {
      ...sumOfRange(range, days, toGlobal),
      days: withOrders(names, days, (day, total) => ({ day, ...toGlobal(total) })),
    };
  }
  const read = await Promise.all(shards.map((shard) => readTotals(redis, globalStatsKey(shard), GLOBAL_FIELDS, names)));
  if (!range) return toGlobal(sumOf(read.map(({ total }) => total)));
  const months = addUp(read.map(({ parts }) => parts));
  return {
    ...sumOfRange(range, months, toGlobal),
    months: withOrders(names, months, (month, total) => ({ month, ...toGlobal(total) })),
  };
}

/**
 * The totals of one user, of all time or of a range of months, in one round trip. Undefined for an unknown user.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function readUserStats(
  redis: RedisClient,
  userId: string,
  range?: Range,
): Promise<UserStats | OfMonths<UserStats> | undefined> {
  const names = range ? periodsOf(range) : [];
  const key = userStatsKey(shardOf(shardsOf(redis), userId), userId);
  const { total, parts } = await readTotals(redis, key, USER_FIELDS, names);
  if (!total) return undefined;
  if (!range) return toUser(total);
  return {
    ...sumOfRange(range, parts, toUser),
    months: withOrders(names, parts, (month, total) => ({ month, ...toUser(total) })),
  };
}

const toGlobal = ({ count, cents }: Total): GlobalStats => ({ total_orders: count, total_revenue: toUnits(cents) });

const toUser = ({ count, cents }: Total): UserStats => ({ order_count: count, total_spend: toUnits(cents) });

/** Adds up the shards, period by period. */
function addUp(shards: readonly (readonly Part[])[]): readonly Part[] {
  const [first = [], ...others] = shards;
  if (others.length === 0) return first;
  return first.map((_, index) => {
    const parts = shards.flatMap((parts) => parts[index] ?? []);
    return parts.length > 0 ? sumOf(parts) : undefined;
  });
}

const sumOfRange = <Stats>({ from, to }: Range, parts: readonly Part[], toStats: (total: Total) => Stats) => ({
  ...toStats(sumOf(parts)),
  from,
  to,
});

function withOrders<Period>(
  names: readonly string[],
  parts: readonly Part[],
  toPeriod: (name: string, total: Total) => Period,
): Period[] {
  const periods: Period[] = [];
  for (const [index, name] of names.entries()) {
    const total = parts[index];
    if (total) periods.push(toPeriod(name, total));
  }
  return periods;
}
