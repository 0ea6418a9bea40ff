import type { Result } from 'ioredis';
import * as v from 'valibot';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redisClient.ts';
import type { LedgerEntry } from './fingerprint.ts';
import { globalLedger, globalMonth, globalStats, topUsers, userLedger, userMonth, userStats } from './keys.ts';
import { countLua } from './lua/count.ts';

/** An order, and how the ledger knows it. */
export type Entry = { readonly order: Order; readonly ledger: LedgerEntry };

/** The totals that a call counts into: all, those of all users together, or those of single users. */
export type Scope = 'all' | 'global' | 'users';

/**
 * What became of an order: counted now, known already with the same or with other content, or not counted. Where Redis
 * or the connection gave an error instead of an answer, it may or may not have been counted.
 */
export type Verdict =
  | { readonly kind: 'counted' | 'duplicate' | 'conflict' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unanswered'; readonly cause: unknown };

/** A verdict on the totals of a call. If it is partial, the order is in the global ones, and maybe not in its user's. */
export type Answer = { readonly verdict: Verdict; readonly isPartial: boolean };

/** Makes the counting script known to the client; ioredis then sends its SHA-1 instead of the text. */
export function defineCountingScript(redis: RedisClient): void {
  redis.defineCommand('countOrders', { lua: countLua });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countOrders(keys: number, ...keysAndArgs: (string | number)[]): Result<unknown, Context>;
  }
}

/**
 * Has Redis count orders, in one script that does all of it or, when the server dies, nothing.
 *
 * @param entries with scope `users`, on a cluster, of users in one slot
 * @returns an answer for each entry, in the same order; never throws
 */
export async function callCount(redis: RedisClient, scope: Scope, entries: readonly Entry[]): Promise<Answer[]> {
  if (entries.length === 0) return [];
  const { keys, args } = scriptInput(scope, entries);
  try {
    return readAnswers(await redis.countOrders(keys.length, ...keys, ...args), entries.length);
  } catch (cause) {
    return entries.map(() => ({ verdict: { kind: 'unanswered', cause }, isPartial: false }));
  }
}

/** KEYS and ARGV of the script: orders as JSON, as a client and a Redis read one text sooner than many arguments. */
function scriptInput(scope: Scope, entries: readonly Entry[]): { keys: string[]; args: (string | number)[] } {
  const places = new Map<string, number>();
  let kinds = '';
  const place = (key: string, kind: 'g' | 'u'): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    kinds += kind;
    places.set(key, kinds.length);
    return kinds.length;
  };
  const orders: (string | number)[] = [];
  for (const { order, ledger } of entries) {
    const { userId, placed, cents } = order;
    // The ledger of a slot is that much smaller.
    const bucket = scope === 'users' ? ledger.bucket.charAt(0) : ledger.bucket;
    orders.push(bucket, ledger.id, ledger.fingerprint, cents, userId);
    if (scope !== 'users') orders.push(place(globalStats, 'g'), place(globalMonth(placed.month), 'g'));
    if (scope !== 'global') orders.push(place(userStats(userId), 'u'), place(userMonth(userId, placed.month), 'u'));
  }
  return {
    keys: [...ledgerKeys(scope, entries), ...places.keys()],
    args: [scope.charAt(0), kinds, JSON.stringify(orders)],
  };
}

function ledgerKeys(scope: Scope, [first]: readonly Entry[]): readonly string[] {
  if (scope !== 'users') return [...globalLedger, topUsers];
  return first ? userLedger(first.order.userId) : [];
}

const Reply = v.tuple([v.pipe(v.string(), v.regex(/^[ndNDcf]*$/)), v.array(v.string())]);

const ANSWERS: Readonly<Record<string, Answer>> = {
  n: { verdict: { kind: 'counted' }, isPartial: false },
  d: { verdict: { kind: 'duplicate' }, isPartial: false },
  N: { verdict: { kind: 'counted' }, isPartial: true },
  D: { verdict: { kind: 'duplicate' }, isPartial: true },
  c: { verdict: { kind: 'conflict' }, isPartial: false },
};

/** Reads the reply of the script: a character for each order, and a reason for each that failed. */
function readAnswers(reply: unknown, expected: number): Answer[] {
  const [characters, reasons] = v.parse(Reply, reply);
  if (characters.length !== expected) throw new Error(`Redis answered for ${characters.length} of ${expected} orders`);
  let failures = 0;
  return Array.from(characters, (character) => {
    const known = ANSWERS[character];
    return known ?? { verdict: { kind: 'failed', reason: reasons[failures++] ?? 'unknown' }, isPartial: false };
  });
}
