import { Redis } from 'ioredis';
import { hash32 } from '../hash32.ts';
import type { RedisClient } from '../redis/client.ts';

/*
 * Every Redis key of the pipeline. A shard holds everything that an order changes: its user, its ledger record, and a share
 * of the global totals. A single Redis is one shard. On a Redis Cluster each shard lives in one slot, so that a script can
 * change it atomically. The keys of a shard start with `{<shard>}:`, because Redis picks the slot by the text in braces.
 */

/** Prefix of the keys of a shard: empty on a single Redis, `{<shard>}:` on a cluster. */
export type Shard = string;

/** Number of orders, and revenue as a decimal string with two decimals. */
export const GLOBAL_FIELDS = ['total_orders', 'total_revenue'] as const;

/** Number of orders, and spend as a decimal string with two decimals. */
export const USER_FIELDS = ['order_count', 'total_spend'] as const;

/** Largest total, 90,000,000,000,000.00 in cents. A double holds every whole number up to it exactly. */
export const MAX_TOTAL_CENTS = 9_000_000_000_000_000;

/** Hash: {@link GLOBAL_FIELDS}, and one field `YYYY-MM` per month with orders: `<orders> <amount>`. */
export const globalStatsKey = (shard: Shard): string => `${shard}global:stats`;

/** Hash: one field `YYYY-MM-DD` per day with orders: `<orders> <amount>`. */
export const globalDaysKey = (shard: Shard): string => `${shard}global:days`;

/**
 * Hash: one field `YYYY-MM-DDTHH` per hour with orders: `<orders> <amount>`. Only of the last hours, see count.lua, and of
 * orders dated ahead.
 */
export const globalHoursKey = (shard: Shard): string => `${shard}global:hours`;

/** Hash: deliveries per result, and the fields below. Not as exact as money: a worker that dies may miss some. */
export const globalMessagesKey = (shard: Shard): string => `${shard}global:messages`;

/** Versions of orders that a replay of the archive has counted, because Redis had lost them. */
export const RESTORED = 'restored';

/** When an order was last counted or revised, in seconds since 1970. */
export const LAST_COUNTED = 'last_counted';

/** Orders that were counted or revised in the minute of {@link LAST_COUNTED}, and in the minute before it. */
export const COUNTED_THAT_MINUTE = 'counted_that_minute';
export const COUNTED_MINUTE_BEFORE = 'counted_minute_before';

/** When a replay last restored an order, in seconds since 1970. */
export const LAST_RESTORED = 'last_restored';

/** Hash: how many messages went to the dead-letter queue, and why. See deadLetters.ts. On a cluster only in the first shard. */
export const deadLettersKey = (shard: Shard): string => `${shard}global:dead-letters`;

/** Sorted set: the users who spent most, by total spend in currency units. */
export const topUsersKey = (shard: Shard): string => `${shard}global:top-users`;

/** String: `<cents> <user id>` of the first user below {@link topUsersKey}; absent while all users are in there. */
export const topUsersFloorKey = (shard: Shard): string => `${shard}global:top-users:floor`;

/** Hash: the counted orders with their versions and contributions. See ledgerRecord.ts. */
export const ledgerKey = (shard: Shard): string => `${shard}global:ledger:orders`;

/** Hash: how far the archive has been replayed into the shard. See checkpoint.lua. */
export const checkpointKey = (shard: Shard): string => `${shard}global:checkpoint`;

/** All of the archive before this time has been replayed, in milliseconds since 1970. */
export const REPLAYED_UNTIL = 'until';

/** The keys of a shard that never expire, besides those of users and of dead letters. */
export const PERMANENT_KEYS = [
  globalStatsKey,
  globalDaysKey,
  globalHoursKey,
  topUsersKey,
  topUsersFloorKey,
  globalMessagesKey,
  checkpointKey,
] as const;

export const userKeyPrefix = (shard: Shard): string => `${shard}user:`;

/** Hash: {@link USER_FIELDS}, and one field `YYYY-MM` per month with orders: `<orders> <amount>`. */
export const userStatsKey = (shard: Shard, userId: string): string => userKeyPrefix(shard) + userId;

const ONE_REDIS: readonly Shard[] = [''];

/**
 * The 12 shards of a cluster have numbers for names, chosen for their slots: 2, 3, 4, 6 or 12 nodes with equal slot ranges
 * get equally many shards. More shards would leave fewer orders for each call, which has a fixed cost.
 */
const OF_CLUSTER: readonly Shard[] = [18, 69, 54, 112, 68, 59, 111, 9, 56, 110, 8, 57].map((name) => `{${name}}:`);

export const shardsOf = (redis: RedisClient): readonly Shard[] => (redis instanceof Redis ? ONE_REDIS : OF_CLUSTER);

/** 24 bits. Picks the shard, and is all that the ledger stores of a user. */
export const hashOfUser = (userId: string): number => hash32(userId) >>> 8;

export function shardOf(shards: readonly Shard[], userId: string): Shard {
  // With one shard, the hash is not needed.
  const shard = shards[shards.length === 1 ? 0 : hashOfUser(userId) % shards.length];
  if (shard === undefined) throw new Error('There is no shard');
  return shard;
}
