import { Redis, type Result } from 'ioredis';
import * as v from 'valibot';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redisClient.ts';
import { type LedgerEntry, ledgerEntry } from './fingerprint.ts';
import { globalLedger, globalMonth, globalStats, topUsers, userLedger, userMonth, userStats } from './keys.ts';
import { countGlobalLua } from './lua/countGlobal.ts';
import { countUsersLua } from './lua/countUsers.ts';

/**
 * What became of an order: counted now, known already with the same or with other content, or not counted. Where Redis
 * or the connection gave an error instead of an answer, it may or may not have been counted.
 */
export type Verdict =
  | { readonly kind: 'counted' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unanswered'; readonly cause: unknown };

/** Makes both counting scripts known to the client; ioredis then sends their SHA-1 instead of the text. */
export function defineCountingScripts(redis: RedisClient): void {
  redis.defineCommand('countGlobal', { lua: countGlobalLua });
  redis.defineCommand('countUsers', { lua: countUsersLua });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countGlobal(keys: number, ...keysAndArgs: (string | number)[]): Result<unknown, Context>;
    countUsers(keys: number, ...keysAndArgs: (string | number)[]): Result<unknown, Context>;
  }
}

type Entry = { readonly order: Order; readonly ledger: LedgerEntry };

/**
 * Counts every order exactly once, in two phases of one round trip each: first globally, which also tells duplicates
 * and conflicts, then for the users. Each phase has a ledger in its own slots, so repeating a call that was cut off
 * anywhere adds just what is missing.
 *
 * @returns a verdict for each order, in the same order; never throws
 */
export async function countOrders(redis: RedisClient, orders: readonly Order[]): Promise<Verdict[]> {
  if (orders.length === 0) return [];
  const entries = orders.map((order) => ({ order, ledger: ledgerEntry(order) }));
  const global = await countGlobally(redis, entries);
  const accepted = entries.filter((_, index) => isCounted(global[index]));
  const users = await countForUsers(redis, accepted);
  return entries.map((entry, index) => {
    const verdict = global[index] ?? UNKNOWN;
    if (!isCounted(verdict)) return verdict;
    const forUser = users.get(entry) ?? UNKNOWN;
    return isCounted(forUser) ? verdict : forUser;
  });
}

const UNKNOWN: Verdict = { kind: 'unanswered', cause: 'an order was passed over' };

const isCounted = (verdict: Verdict | undefined): boolean =>
  verdict?.kind === 'counted' || verdict?.kind === 'duplicate';

function countGlobally(redis: RedisClient, entries: readonly Entry[]): Promise<Verdict[]> {
  const keys = [globalStats, topUsers];
  const args: (string | number)[] = [];
  for (const { order, ledger } of entries) {
    keys.push(globalLedger(ledger.bucketHash), globalMonth(order.placed.month));
    args.push(ledger.id, ledger.fingerprint, order.cents, order.userId);
  }
  return verdictsOf(entries, redis.countGlobal(keys.length, ...keys, ...args));
}

/** Counts with one call; on a cluster with one for each slot of a user, all at once: a script has keys of one slot. */
async function countForUsers(redis: RedisClient, entries: readonly Entry[]): Promise<ReadonlyMap<Entry, Verdict>> {
  const groups = redis instanceof Redis ? [entries] : bySlot(entries);
  const verdicts = new Map<Entry, Verdict>();
  await Promise.all(
    groups.map(async (group) => {
      const ofGroup = await countUsersOf(redis, group);
      for (const [index, entry] of group.entries()) verdicts.set(entry, ofGroup[index] ?? UNKNOWN);
    }),
  );
  return verdicts;
}

function bySlot(entries: readonly Entry[]): Entry[][] {
  const slots = new Map<string, Entry[]>();
  for (const entry of entries) {
    // There is one in each slot.
    const slot = userLedger(entry.order.userId);
    const group = slots.get(slot);
    if (group) group.push(entry);
    else slots.set(slot, [entry]);
  }
  return [...slots.values()];
}

async function countUsersOf(redis: RedisClient, entries: readonly Entry[]): Promise<Verdict[]> {
  if (entries.length === 0) return [];
  const keys: string[] = [];
  const args: (string | number)[] = [];
  for (const { order, ledger } of entries) {
    keys.push(userLedger(order.userId), userStats(order.userId), userMonth(order.userId, order.placed.month));
    args.push(ledger.id, order.cents);
  }
  return verdictsOf(entries, redis.countUsers(keys.length, ...keys, ...args));
}

async function verdictsOf(entries: readonly Entry[], reply: Promise<unknown>): Promise<Verdict[]> {
  try {
    return readVerdicts(await reply, entries.length);
  } catch (cause) {
    return entries.map(() => ({ kind: 'unanswered', cause }));
  }
}

const Reply = v.tuple([v.pipe(v.string(), v.regex(/^[ndcf]*$/)), v.array(v.string())]);

const VERDICTS: Readonly<Record<string, Verdict>> = {
  n: { kind: 'counted' },
  d: { kind: 'duplicate' },
  c: { kind: 'conflict' },
};

/** Reads the reply of a counting script: a character for each order, and a reason for each that failed. */
function readVerdicts(reply: unknown, expected: number): Verdict[] {
  const [characters, reasons] = v.parse(Reply, reply);
  if (characters.length !== expected) throw new Error(`Redis answered for ${characters.length} of ${expected} orders`);
  let failures = 0;
  return Array.from(characters, (character) => {
    return VERDICTS[character] ?? { kind: 'failed', reason: reasons[failures++] ?? 'unknown' };
  });
}
