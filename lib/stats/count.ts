import { Redis } from 'ioredis';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redisClient.ts';
import { type Answer, callCount, type Entry, type Verdict } from './countCall.ts';
import { ledgerEntry } from './fingerprint.ts';
import { userSlot } from './keys.ts';

/**
 * Counts every order exactly once. One Redis does it in one round trip. On a cluster, where a script has keys of one
 * slot, it takes two: first globally, which also tells duplicates and conflicts, then for the users. Each has a ledger
 * in its own slots, so repeating a call that was cut off anywhere adds just what is missing.
 *
 * @returns a verdict for each order, in the same order; never throws
 */
export async function countOrders(redis: RedisClient, orders: readonly Order[]): Promise<Verdict[]> {
  const entries = orders.map((order) => ({ order, ledger: ledgerEntry(order) }));
  const answers = await callCount(redis, redis instanceof Redis ? 'all' : 'global', entries);
  const partial = entries.filter((_, index) => answers[index]?.isPartial);
  const ofUsers = await countForUsers(redis, partial);
  return entries.map((entry, index) => {
    const { verdict, isPartial } = answers[index] ?? UNKNOWN;
    if (!isPartial) return verdict;
    const { verdict: ofUser } = ofUsers.get(entry) ?? UNKNOWN;
    return ofUser.kind === 'counted' || ofUser.kind === 'duplicate' ? verdict : ofUser;
  });
}

const UNKNOWN: Answer = { verdict: { kind: 'unanswered', cause: 'an order was passed over' }, isPartial: false };

/** Counts with one call for each slot of a user, all at once. */
async function countForUsers(redis: RedisClient, entries: readonly Entry[]): Promise<ReadonlyMap<Entry, Answer>> {
  const answers = new Map<Entry, Answer>();
  await Promise.all(
    bySlot(entries).map(async (group) => {
      const ofGroup = await callCount(redis, 'users', group);
      for (const [index, entry] of group.entries()) answers.set(entry, ofGroup[index] ?? UNKNOWN);
    }),
  );
  return answers;
}

function bySlot(entries: readonly Entry[]): Entry[][] {
  const slots = new Map<number, Entry[]>();
  for (const entry of entries) {
    const slot = userSlot(entry.order.userId);
    const group = slots.get(slot);
    if (group) group.push(entry);
    else slots.set(slot, [entry]);
  }
  return [...slots.values()];
}
