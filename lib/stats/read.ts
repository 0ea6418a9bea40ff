import type { RedisClient } from '../redisClient.ts';
import { GLOBAL_FIELDS, globalStats, shardOf, shardsOf, USER_FIELDS, userStats } from './keys.ts';
import { type MonthRange, monthsOf } from './months.ts';
import { readTotals, sumOf, type Total, toUnits } from './totals.ts';

/** Orders of all users; revenue in currency units. */
export type GlobalStats = { total_orders: number; total_revenue: number };

/** Orders of one user; spend in currency units. */
export type UserStats = { order_count: number; total_spend: number };

/** What the months of a range add up to, and each month that has orders. */
export type OfRange<Stats> = Stats & MonthRange & { months: ({ month: string } & Stats)[] };

/**
 * Reads what all users ordered, ever or in a range of months, in one round trip: zeros when nothing was counted.
 *
 * @throws DamagedKey, or the error of Redis or of the connection
 */
export async function readGlobalStats(
  redis: RedisClient,
  range?: MonthRange,
): Promise<GlobalStats | OfRange<GlobalStats>> {
  const months = range ? monthsOf(range) : [];
  const shards = await Promise.all(
    shardsOf(redis).map((shard) => readTotals(redis, globalStats(shard), GLOBAL_FIELDS, months)),
  );
  if (!range) return toGlobal(sumOf(shards.map(({ total }) => total)));
  const totals = months.map((_, index) => {
    if (shards.length === 1) return shards[0]?.parts[index];
    const parts = shards.flatMap((shard) => shard.parts[index] ?? []);
    return parts.length > 0 ? sumOf(parts) : undefined;
  });
  return ofRange(range, months, totals, toGlobal);
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
  const months = range ? monthsOf(range) : [];
  const key = userStats(shardOf(shardsOf(redis), userId), userId);
  const { total, parts } = await readTotals(redis, key, USER_FIELDS, months);
  if (!total) return undefined;
  return range ? ofRange(range, months, parts, toUser) : toUser(total);
}

const toGlobal = ({ count, cents }: Total): GlobalStats => ({ total_orders: count, total_revenue: toUnits(cents) });

const toUser = ({ count, cents }: Total): UserStats => ({ order_count: count, total_spend: toUnits(cents) });

function ofRange<Stats>(
  range: MonthRange,
  names: readonly string[],
  totals: readonly (Total | undefined)[],
  toStats: (total: Total) => Stats,
): OfRange<Stats> {
  const months: ({ month: string } & Stats)[] = [];
  for (const [index, month] of names.entries()) {
    const total = totals[index];
    if (total) months.push(Object.assign({ month }, toStats(total)));
  }
  return { ...toStats(sumOf(totals)), ...range, months };
}
