import { formatCents } from '../../lib/orders/money.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import {
  GLOBAL_FIELDS,
  globalDaysKey,
  globalMessagesKey,
  globalStatsKey,
  LAST_COUNTED,
  type Shard,
  topUsersFloorKey,
  topUsersKey,
} from '../../lib/stats/keys.ts';
import type { Messages } from '../../lib/stats/messages.ts';
import { sumOf, type Total } from '../../lib/stats/totals.ts';
import type { Days, LedgerSummary } from './ledger.ts';
import type { UsersOfShard } from './users.ts';

/** Members that the leaderboard gets at once. */
const MEMBERS_A_STEP = 500;

/** `<orders> <amount>`, as Redis holds a total. */
export const totalText = ({ count, cents }: Total): string => `${count} ${formatCents(cents)}`;

const texts = (totals: ReadonlyMap<string, Total>): Record<string, string> =>
  Object.fromEntries([...totals].map(([field, total]) => [field, totalText(total)]));

/** Writes what the users of a shard add up to: `global:stats`. */
export async function writeStats(target: RedisClient, shard: Shard, { total, months }: UsersOfShard): Promise<void> {
  const [countField, amountField] = GLOBAL_FIELDS;
  await target.hset(globalStatsKey(shard), {
    [countField]: total.count,
    [amountField]: formatCents(total.cents),
    ...texts(months),
  });
}

/** Writes the days of a shard. */
export async function writeDays(target: RedisClient, shard: Shard, days: Days): Promise<void> {
  if (days.size > 0) await target.hset(globalDaysKey(shard), texts(days));
}

/** Writes how many deliveries of messages there were, all into one shard. */
export async function writeMessages(
  target: RedisClient,
  shard: Shard,
  { counts, lastCounted }: Messages,
): Promise<void> {
  const last = lastCounted === undefined ? {} : { [LAST_COUNTED]: lastCounted };
  const positive = Object.entries(counts).filter(([, count]) => count > 0);
  const fields = { ...Object.fromEntries(positive), ...last };
  if (Object.keys(fields).length > 0) await target.hset(globalMessagesKey(shard), fields);
}

/** Writes the leaderboard of a shard. */
export async function writeTopUsers(target: RedisClient, shard: Shard, { highest }: UsersOfShard): Promise<void> {
  const { scores, floor } = highest.get();
  for (let start = 0; start < scores.length; start += MEMBERS_A_STEP) {
    const step = scores.slice(start, start + MEMBERS_A_STEP);
    await target.zadd(topUsersKey(shard), ...step.flatMap(({ cents, userId }) => [formatCents(cents), userId]));
  }
  if (floor !== undefined) await target.set(topUsersFloorKey(shard), `${floor.cents} ${floor.userId}`);
}

/**
 * Shares the days of the source out among the shards of the target.
 *
 * `global:days` is not kept by user, so a day does not say how much of it belongs to which shard. It matters for the
 * orders that are still remembered: a later version takes the earlier one off the day of its shard, and is refused where
 * that day would fall below zero. For these orders the ledger knows user, day and cents, so each shard gets its own. What
 * is left of a day are orders that are no longer remembered, so nothing is ever taken off it: the first shard gets it.
 *
 * @throws an error where a day holds less than its remembered orders
 */
export function shareDays(days: Days, { ofShards }: LedgerSummary): ReadonlyMap<Shard, Days> {
  const shared = new Map<Shard, Days>([...ofShards].map(([shard, part]) => [shard, new Map(part.days)]));
  const rest: Days = new Map(days);
  for (const part of ofShards.values()) {
    for (const [day, { count, cents }] of part.days) {
      const left = sumOf([{ count: -count, cents: -cents }, rest.get(day)]);
      if (left.count < 0 || left.cents < 0) {
        throw new Error(`global:days: ${day} at the source holds less than the orders that its ledger remembers`);
      }
      rest.set(day, left);
    }
  }
  const [first] = shared.values();
  for (const [day, left] of rest) if (left.count > 0) first?.set(day, sumOf([left, first.get(day)]));
  return shared;
}
