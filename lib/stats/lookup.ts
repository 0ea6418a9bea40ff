import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redisClient.ts';
import { ledgerEntry } from './fingerprint.ts';
import { type HashRequest, readHashes } from './hashes.ts';
import { globalLedger, userLedger } from './keys.ts';

/**
 * What the ledger knows of an order: nothing; that it was counted, with the same or with other content; or `damaged`
 * when the bucket holds something else than a ledger.
 */
export type Known = 'unknown' | 'counted' | 'conflict' | 'damaged';

/**
 * Looks orders up in the global ledger, in one round trip that changes nothing.
 *
 * @returns what is known of each order, in the same order
 * @throws the error of the connection
 */
export async function lookUp(redis: RedisClient, orders: readonly Order[]): Promise<Known[]> {
  const entries = orders.map(ledgerEntry);
  const found = await readEntries(
    redis,
    entries.map(({ bucketHash, id }) => [globalLedger(bucketHash), id]),
  );
  return entries.map(({ fingerprint }, index) => {
    const entry = found[index];
    if (entry === undefined || entry === 'damaged') return entry ?? 'unknown';
    return entry.fingerprint === fingerprint ? 'counted' : 'conflict';
  });
}

/**
 * Whether an order of the same id was counted for the same user; or, which is rare and not to be told apart, for
 * another user of the same Redis Cluster slot.
 *
 * @returns an answer for each order, in the same order; undefined where the bucket is damaged
 * @throws the error of the connection
 */
export async function wasCountedForUser(
  redis: RedisClient,
  orders: readonly Order[],
): Promise<(boolean | undefined)[]> {
  const found = await readEntries(
    redis,
    orders.map((order) => [userLedger(order.userId), ledgerEntry(order).id]),
  );
  return found.map((entry) => (entry === 'damaged' ? undefined : entry !== undefined));
}

type Entry = { readonly fingerprint: string } | 'damaged' | undefined;

async function readEntries(redis: RedisClient, places: readonly HashRequest[]): Promise<Entry[]> {
  if (places.length === 0) return [];
  const replies = await readHashes(redis, places);
  return replies.map((reply) => {
    if ('error' in reply) {
      // This one is about the key alone; any other is about Redis or the connection.
      if (reply.error.message.startsWith('WRONGTYPE')) return 'damaged';
      throw reply.error;
    }
    const [value] = reply.values;
    // The first character is the mark.
    return value ? { fingerprint: value.slice(1) } : undefined;
  });
}
