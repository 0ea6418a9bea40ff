import type { RedisClient } from '../redisClient.ts';
import { GLOBAL_FIELDS, globalMonth, globalStats, USER_FIELDS, userMonth, userStats } from './keys.ts';
import { type MonthRange, monthsOf } from './months.ts';
import { readTotals, type Total, toUnits } from './total.ts';

/** Orders of all users; revenue in currency units. */
export type GlobalStats = { total_orders: number; total_revenue: number };

/** Orders of one user; spend in currency units. */
export type UserStats = { order_count: number; total_spend: number };

/** What the months of a range come to, and each month that has orders. */
export type OfRange<Stats> = Stats & MonthRange & { months: ({ month: string } & Stats)[] };

const NONE: Total = { count: 0n, cents: 0n };

/**
 * Reads what all users ordered, ever or in a range of months, in one round trip: zeros when nothing was counted.
 *
 * @throws DamagedKey, or the error of Redis or of the connection
 */
export async function readGlobalStats(
  redis: RedisClient,
  range?: MonthRange,
): Promise<GlobalStats | OfRange<GlobalStats>> {
  if (range) return ofRange(range, await readTotals(redis, monthsOf(range).map(globalMonth), GLOBAL_FIELDS), toGlobal);
  const [total = NONE] = await readTotals(redis, [globalStats], GLOBAL_FIELDS);
  return toGlobal(total);
}

/**
 * Reads what one user ordered, ever or in a range of months, in one round trip: undefined for a user without orders.
 *
 * @throws DamagedKey, or the error of Redis or of the connection
 */
export async function readUserStats(
  redis: RedisClient,
  userId: string,
  range?: MonthRange,
): Promise<UserStats | OfRange<UserStats> | undefined> {
  const months = range ? monthsOf(range).map((month) => userMonth(userId, month)) : [];
  const [total, ...totals] = await readTotals(redis, [userStats(userId), ...months], USER_FIELDS);
  if (!total) return undefined;
  return range ? ofRange(range, totals, toUser) : toUser(total);
}

const toGlobal = ({ count, cents }: Total): GlobalStats => ({
  total_orders: Number(count),
  total_revenue: toUnits(cents),
});

const toUser = ({ count, cents }: Total): UserStats => ({ order_count: Number(count), total_spend: toUnits(cents) });

/** @param totals of every month of the range */
function ofRange<Stats>(
  range: MonthRange,
  totals: readonly (Total | undefined)[],
  toStats: (total: Total) => Stats,
): OfRange<Stats> {
  const months = monthsOf(range).flatMap((month, index) => {
    const total = totals[index];
    return total ? [{ month, ...toStats(total) }] : [];
  });
  return { ...toStats(totals.reduce<Total>(plus, NONE)), ...range, months };
}

const plus = (sum: Total, total: Total = NONE): Total => ({
  count: sum.count + total.count,
  cents: sum.cents + total.cents,
});
