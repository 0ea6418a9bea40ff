import keySlot from 'cluster-key-slot';

/*
 * Every Redis key of the pipeline. `{…}` is the hash tag of Redis Cluster: a key lives in the slot of the text between
 * the braces, so all keys that one script touches for one order share a slot.
 */

/** Fields of the global hashes: number of orders, and revenue as a decimal string with two decimals. */
export const GLOBAL_FIELDS = ['total_orders', 'total_revenue'] as const;

/** Fields of the user hashes: number of orders, and spend as a decimal string with two decimals. */
export const USER_FIELDS = ['order_count', 'total_spend'] as const;

/** Hash of {@link GLOBAL_FIELDS}: all orders ever counted. */
export const globalStats = 'global:stats';

/** Hash of {@link GLOBAL_FIELDS}: the orders of one month, `YYYY-MM`. */
export const globalMonth = (month: string): string => `{global:stats}:month:${month}`;

/** Sorted set of user ids by total spend, in currency units. */
export const topUsers = '{global:stats}:top-users';

/** Hash of {@link USER_FIELDS}: all orders of a user. */
export const userStats = (userId: string): string => `user:${userId}`;

/** Hash of {@link USER_FIELDS}: the orders of a user in one month, `YYYY-MM`. */
export const userMonth = (userId: string, month: string): string => `{user:${userId}}:month:${month}`;

/** Of a Redis Cluster. */
const SLOTS = 16_384;

/** Periods of time that a ledger remembers, the current one included. */
export const LEDGER_PERIODS = 4;

/**
 * Hashes of a ledger, which periods use in turn. One more than it remembers: when a period begins, the hash in its place
 * has been gone for a whole period, so no order ever enters one that is about to expire.
 */
export const LEDGER_KEYS = LEDGER_PERIODS + 1;

/** Length of a period in seconds: 10 days. */
export const LEDGER_PERIOD_SECONDS = 10 * 24 * 60 * 60;

const periodsOf = (ledger: string): string[] => Array.from({ length: LEDGER_KEYS }, (_, n) => `${ledger}:${n}`);

/** The ledger in the slot of {@link globalStats}: hashes that periods use in turn. */
export const globalLedger: readonly string[] = periodsOf('{global:stats}:ledger');

/** Slot of a Redis Cluster that all keys of a user live in, from 0. */
export const userSlot = (userId: string): number => keySlot(userStats(userId));

/**
 * The ledger of the slot that {@link userStats} of the user lives in: hashes that periods use in turn. One ledger a slot, never
 * one a user: a key costs more memory than the few orders that most users have. `#` starts no user id, so the tag is
 * never one.
 */
export const userLedger = (userId: string): string[] => periodsOf(`{user:${slotTag(userSlot(userId))}}:ledger`);

let slotTags: string[] | undefined;

function slotTag(slot: number): string {
  slotTags ??= findSlotTags();
  const tag = slotTags[slot];
  if (tag === undefined) throw new Error(`There is no Redis Cluster slot ${slot}`);
  return tag;
}

/**
 * A short tag for each of the 16,384 slots. CRC16, which assigns slots, is linear over bits: counting in the low bits
 * of four characters visits every slot exactly once. 2 ms, once in a process.
 */
function findSlotTags(): string[] {
  const tags: string[] = [];
  for (let n = 0; n < SLOTS; n++) {
    const digits = [n >> 12, n >> 8, n >> 4, n].map((nibble) => 0x40 | (nibble & 0xf));
    const tag = `#${String.fromCharCode(...digits)}`;
    tags[keySlot(`user:${tag}`)] = tag;
  }
  return tags;
}
