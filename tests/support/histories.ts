import fc from 'fast-check';
import { MessageFailure } from '../../lib/batch/outcome.ts';
import { processBatch } from '../../lib/batch/processBatch.ts';
import type { RedisConnection } from '../../lib/redis/connection.ts';
import { orderBody } from './orderMessage.ts';
import { messagesOf } from './queueMessages.ts';

/** Deliveries of all versions of some orders, and the messages that they must come to: the highest version of each. */
export type History = {
  /** Batches of message bodies, in the order of their delivery. */
  readonly batches: readonly (readonly string[])[];
  /** Worker of each batch. */
  readonly workers: readonly number[];
  readonly highest: readonly string[];
};

const DAY_MS = 24 * 3_600_000;
const USERS = ['U1', 'U2', 'U3', 'U4'];
export const WORKERS = 3;

const version = fc.record({
  version: fc.integer({ min: 1, max: 6 }),
  isCancelled: fc.boolean(),
  cents: fc.integer({ min: 0, max: 20_000_000 }),
  // In the last 30 days or later, so that also one that comes first counts.
  days: fc.integer({ min: -28, max: 70 }),
});

type Version = { version: number; isCancelled: boolean; cents: number; days: number };

/** The versions of one order. */
const versions = fc.uniqueArray(version, { minLength: 1, maxLength: 4, selector: (each) => each.version });

const orders = fc.array(fc.record({ user: fc.constantFrom(...USERS), versions }), { minLength: 1, maxLength: 8 });

function bodyOf(id: string, user: string, { version, isCancelled, cents, days }: Version): string {
  const value = cents / 100;
  return orderBody({
    order_id: id,
    user_id: user,
    order_version: version,
    order_timestamp: new Date(Date.now() + days * DAY_MS).toISOString(),
    ...(isCancelled
      ? { order_status: 'cancelled', order_value: undefined, items: undefined }
      : { order_value: value, items: [{ product_id: 'P1', quantity: 1, price_per_unit: value }] }),
  });
}

/** Random histories: any versions, in any order and number of deliveries, cut into any batches. */
export const histories: fc.Arbitrary<History> = orders.chain((list) => {
  const messages: string[] = [];
  const highest: string[] = [];
  for (const [n, { user, versions }] of list.entries()) {
    const ascending = [...versions].sort((a, b) => a.version - b.version);
    const bodies = ascending.map((each) => bodyOf(`ORD${n}`, user, each));
    messages.push(...bodies);
    highest.push(...bodies.slice(-1));
  }
  const twice = [...messages, ...messages];
  return fc
    .tuple(
      fc.shuffledSubarray(twice, { minLength: messages.length }),
      fc.shuffledSubarray(messages, { minLength: messages.length }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: twice.length + messages.length }),
      fc.array(fc.nat(WORKERS - 1), { minLength: twice.length + messages.length }),
    )
    .map(([some, all, sizes, workers]) => ({ batches: cut([...some, ...all], sizes), workers, highest }));
});

function cut(bodies: readonly string[], sizes: readonly number[]): string[][] {
  const batches: string[][] = [];
  for (let start = 0; start < bodies.length; ) {
    const size = sizes[batches.length] ?? 1;
    batches.push(bodies.slice(start, start + size));
    start += size;
  }
  return batches;
}

/**
 * Delivers the batches of a history, each to its worker, all workers at once.
 *
 * @returns the failures: none is expected
 */
export async function deliverHistory(
  connections: readonly RedisConnection[],
  { batches, workers }: History,
): Promise<unknown[]> {
  const failures = await Promise.all(
    connections.map(async (connection, worker) => {
      const own: unknown[] = [];
      for (const [n, bodies] of batches.entries()) {
        if (workers[n] !== worker) continue;
        const { processed } = await processBatch(messagesOf(bodies), connection);
        own.push(...processed.flatMap(({ outcome }) => (outcome instanceof MessageFailure ? [outcome] : [])));
      }
      return own;
    }),
  );
  return failures.flat();
}
