import { hash } from 'node:crypto';
import type { Order } from '../orders/order.ts';

/** How the ledger knows an order. */
export type LedgerEntry = {
  /** Field of the bucket: 60 bits of the order id's hash, 10 characters. */
  readonly id: string;
  /** Picks the bucket: 18 other bits of the same hash. */
  readonly bucketHash: number;
  /** What the order says, 36 bits in 6 characters: another one under the same id is a conflict. */
  readonly fingerprint: string;
};

/**
 * Hashes keep an entry at 21 bytes whatever the ids' length. Two of a billion order ids share bucket and field with a
 * probability of 1 in 38,000; even then they would pass for one order only if their fingerprints were equal too (1 in
 * 7e10), else the second one is reported as a conflict.
 */
export function ledgerEntry(order: Order): LedgerEntry {
  const digest = hash('sha256', order.orderId, 'base64url');
  return {
    id: digest.slice(0, 10),
    bucketHash: sextet(digest, 10) * 4096 + sextet(digest, 11) * 64 + sextet(digest, 12),
    fingerprint: hash('sha256', content(order), 'base64url').slice(0, 6),
  };
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The six bits that a character of base64url stands for. */
const sextet = (text: string, index: number): number => BASE64URL.indexOf(text.charAt(index));

/** All that counts or tells orders apart, in one canonical form: equal amounts and instants are equal however written. */
const content = ({ userId, placed, cents, items }: Order): string =>
  JSON.stringify([userId, placed.epoch, cents, items.map((line) => [line.productId, line.quantity, line.micros])]);
