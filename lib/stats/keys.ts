import { Redis } from 'ioredis';
import { hash32 } from '../counting/hash32.ts';
import type { RedisClient } from '../redis/client.ts';

/*
 * Every Redis key of the pipeline. A shard holds all that one order touches: its user, its place in the ledger, and a
 * share of what is global. One Redis is one shard. On a Redis Cluster each shard lives in one slot, so a script can
 * change all of it in one atomic step: its keys start with `{<shard>}:`, and Redis picks the slot by the text between
 * the braces.
 */

/** What the keys of a shard start with: nothing on one Redis, `{<shard>}:` on a cluster. */
export type Shard = string;

/** Fields of `global:stats`: number of orders, and revenue as a decimal string with two decimals. */
export const GLOBAL_FIELDS = ['total_orders', 'total_revenue'] as const;

/** Fields of the hash of a user: number of orders, and spend as a decimal string with two decimals. */
export const USER_FIELDS = ['order_count', 'total_spend'] as const;

/** Largest total, 90,000,000,000,000.00 in cents. A double holds every whole number up to it exactly. */
export const MAX_TOTAL_CENTS = 9_000_000_000_000_000;

/** Hash: {@link GLOBAL_FIELDS}, and for each month with orders a field `YYYY-MM`: `<orders> <amount>`. */
export const globalStatsKey = (shard: Shard): string => `${shard}global:stats`;

/** Hash: for each day with orders a field `YYYY-MM-DD`: `<orders> <amount>`. */
export const globalDaysKey = (shard: Shard): string => `${shard}global:days`;

/**
 * Hash: how many deliveries of messages had each result, and {@link LAST_COUNTED}. They are no money: a worker that dies may
 * leave some out.
 */
export const globalMessagesKey = (shard: Shard): string => `${shard}global:messages`;

/** Field of {@link globalMessagesKey}: when an order was last counted or revised, in seconds since 1970. */
export const LAST_COUNTED = 'last_counted';

/** Sorted set of the users that spent most, by total spend in currency units. */
export const topUsersKey = (shard: Shard): string => `${shard}global:top-users`;

/** String: `<cents> <user id>` of the first user that is not in {@link topUsersKey}; absent while all users are in it. */
export const topUsersFloorKey = (shard: Shard): string => `${shard}global:top-users:floor`;

/** Hash: which orders are counted, in which version, and what each contributed. See ledgerRecord.ts. */
export const ledgerKey = (shard: Shard): string => `${shard}global:ledger:orders`;

/** What the keys of all users of a shard start with. */
export const userKeyPrefix = (shard: Shard): string => `${shard}user:`;

/** Hash: {@link USER_FIELDS}, and for each month with orders a field `YYYY-MM`: `<orders> <amount>`. */
export const userStatsKey = (shard: Shard, userId: string): string => userKeyPrefix(shard) + userId;

const ONE_REDIS: readonly Shard[] = [''];

/**
 * The names of the 12 shards of a cluster are numbers whose slots lie as evenly as names allow: 2, 3, 4, 6 or 12 nodes
 * with equal ranges of slots have equally many. More shards would leave a batch of 100 too few orders for each call.
 */
const OF_CLUSTER: readonly Shard[] = [18, 69, 54, 112, 68, 59, 111, 9, 56, 110, 8, 57].map((name) => `{${name}}:`);

/** All shards of a Redis, or of a Redis Cluster. */
export const shardsOf = (redis: RedisClient): readonly Shard[] => (redis instanceof Redis ? ONE_REDIS : OF_CLUSTER);

/** 24 bits of a hash of the user id: picks the shard, and is all that the ledger knows of the user. */
export const hashOfUser = (userId: string): number => hash32(userId) >>> 8;

/** The shard that holds a user. */
export function shardOf(shards: readonly Shard[], userId: string): Shard {
  // Of one shard the hash would say the same.
  const shard = shards[shards.length === 1 ? 0 : hashOfUser(userId) % shards.length];
  if (shard === undefined) throw new Error('There is no shard');
  return shard;
}
