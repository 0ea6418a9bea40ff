import type { Redis, Result } from 'ioredis';
import * as v from 'valibot';
import type { Order } from '../orders/order.ts';
import { type LedgerEntry, ledgerEntry } from './fingerprint.ts';
import { globalLedger, globalMonth, globalStats, topUsers, userLedger, userMonth, userStats } from './keys.ts';
import { countGlobalLua } from './lua/countGlobal.ts';
import { countUsersLua } from './lua/countUsers.ts';

/** What became of an order: counted now, known already with the same or with other content, or not counted. */
export type Verdict =
  | { readonly kind: 'counted' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Makes both counting scripts known to the client; ioredis then sends their SHA-1 instead of the text. */
export function defineCountingScripts(redis: Redis): void {
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
 * @returns a verdict for each order, in the same order
 * @throws the error of Redis or of the connection; then any of the orders may or may not have been counted
 */
export async function countOrders(redis: Redis, orders: readonly Order[]): Promise<Verdict[]> {
  if (orders.length === 0) return [];
  const entries = orders.map((order) => ({ order, ledger: ledgerEntry(order) }));
  const global = await countGlobally(redis, entries);
  const accepted = entries.filter((_, index) => isCounted(global[index]));
  const users = await countForUsers(redis, accepted);

  let next = 0;
  return global.map((verdict) => {
    if (!isCounted(verdict)) return verdict;
    const forUser = users[next++];
    return forUser?.kind === 'failed' ? forUser : verdict;
  });
}

const isCounted = (verdict: Verdict | undefined): boolean =>
  verdict?.kind === 'counted' || verdict?.kind === 'duplicate';

async function countGlobally(redis: Redis, entries: readonly Entry[]): Promise<Verdict[]> {
  const keys = [globalStats, topUsers];
  const args: (string | number)[] = [];
  for (const { order, ledger } of entries) {
    keys.push(globalLedger(ledger.bucketHash), globalMonth(order.placed.month));
    args.push(ledger.id, ledger.fingerprint, order.cents, order.userId);
  }
  return readVerdicts(await redis.countGlobal(keys.length, ...keys, ...args), entries.length);
}

async function countForUsers(redis: Redis, entries: readonly Entry[]): Promise<Verdict[]> {
  if (entries.length === 0) return [];
  const keys: string[] = [];
  const args: (string | number)[] = [];
  for (const { order, ledger } of entries) {
    keys.push(userLedger(order.userId), userStats(order.userId), userMonth(order.userId, order.placed.month));
    args.push(ledger.id, order.cents);
  }
  return readVerdicts(await redis.countUsers(keys.length, ...keys, ...args), entries.length);
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
