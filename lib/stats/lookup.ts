import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redisClient.ts';
import { isWrongType } from './damagedKey.ts';
import {
  FINGERPRINT_LENGTH,
  ID_LENGTH,
  isSameUser,
  type LedgerEntry,
  ledgerEntry,
  RECORD_LENGTH,
} from './fingerprint.ts';
import { type HashReply, readHashes } from './hashes.ts';
import { globalLedger } from './keys.ts';

/**
 * What the ledger knows of an order: nothing; that it was counted; that another one with its id was counted, of the same
 * or of another user; or `damaged` when Redis holds something else than a ledger.
 */
export type Known = 'unknown' | 'counted' | 'conflict' | 'conflict-of-users' | 'damaged';

/**
 * Looks orders up in the global ledger, in one round trip that changes nothing.
 *
 * @returns what is known of each order, in the same order
 * @throws the error of the connection
 */
export async function lookUp(redis: RedisClient, orders: readonly Order[]): Promise<Known[]> {
  if (orders.length === 0) return [];
  const entries = orders.map(ledgerEntry);
  const buckets = entries.map(({ bucket }) => bucket);
  const periods = await readHashes(
    redis,
    globalLedger.map((key) => [key, ...buckets] as const),
  );
  return entries.map((entry, index) =>
    judge(
      entry,
      periods.map((period) => bucketOf(period, index)),
    ),
  );
}

type Value = string | 'damaged' | null;

function bucketOf(reply: HashReply, index: number): Value {
  if ('values' in reply) return reply.values[index] ?? null;
  if (isWrongType(reply.error)) return 'damaged';
  throw reply.error;
}

function judge({ id, fingerprint }: LedgerEntry, values: readonly Value[]): Known {
  for (const value of values) {
    if (value === null) continue;
    if (value.length % RECORD_LENGTH !== 0) return 'damaged';
    for (let at = 0; at < value.length; at += RECORD_LENGTH) {
      if (!value.startsWith(id, at)) continue;
      const found = value.slice(at + ID_LENGTH, at + ID_LENGTH + FINGERPRINT_LENGTH);
      if (found === fingerprint) return 'counted';
      return isSameUser(found, fingerprint) ? 'conflict' : 'conflict-of-users';
    }
  }
  return 'unknown';
}
