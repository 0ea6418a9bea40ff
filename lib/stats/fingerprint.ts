import { hash } from 'node:crypto';
import keySlot from 'cluster-key-slot';
import type { Order } from '../orders/order.ts';

/** How the ledger knows an order. */
export type LedgerEntry = {
  /** 60 bits of the order id's hash, {@link ID_LENGTH} characters. */
  readonly id: string;
  /** 17 other bits of the same hash, 3 characters: picks the bucket. */
  readonly bucket: string;
  /** What the order says, {@link FINGERPRINT_LENGTH} characters: another one under the same id is a conflict. */
  readonly fingerprint: string;
};

/** Characters of an entry's id. */
export const ID_LENGTH = 10;

/** Characters of a fingerprint: {@link USER_LENGTH} tell the user alone, the others all that the order says. */
export const FINGERPRINT_LENGTH = 8;

/** Characters of a record of the ledger: id, fingerprint, and one for the scope that the order was counted with. */
export const RECORD_LENGTH = ID_LENGTH + FINGERPRINT_LENGTH + 1;

const USER_LENGTH = 2;

/**
 * Hashes keep an entry short whatever the ids' length. Two of a billion order ids share bucket and id with a
 * probability of 1 in 300,000; even then they would pass for one order only if their fingerprints were equal too (1 in
 * 7e10), else the second one is reported as a conflict.
 */
export function ledgerEntry(order: Order): LedgerEntry {
  const digest = hash('sha256', order.orderId, 'base64url');
  const said = hash('sha256', content(order), 'base64url');
  return {
    id: digest.slice(0, ID_LENGTH),
    bucket: digest.slice(ID_LENGTH, ID_LENGTH + 2) + BASE64URL.charAt(sextet(digest, ID_LENGTH + 2) & 31),
    fingerprint: userPart(order.userId) + said.slice(0, FINGERPRINT_LENGTH - USER_LENGTH),
  };
}

/** Whether two fingerprints of one order id are of the same user; of two users in 4096 cases once. */
export const isSameUser = (one: string, other: string): boolean =>
  one.slice(0, USER_LENGTH) === other.slice(0, USER_LENGTH);

/** The characters of base64url, in the order of what they stand for. */
export const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The six bits that a character of base64url stands for. */
const sextet = (text: string, index: number): number => BASE64URL.indexOf(text.charAt(index));

/** 12 bits of a CRC, which is a tenth of the work of another SHA-256. */
function userPart(userId: string): string {
  const bits = keySlot(userId);
  return BASE64URL.charAt((bits >> 6) & 63) + BASE64URL.charAt(bits & 63);
}

/** All that counts or tells orders apart, in one canonical form: equal amounts and instants are equal however written. */
const content = ({ userId, placed, cents, items }: Order): string =>
  JSON.stringify([userId, placed.epoch, cents, items.map((line) => [line.productId, line.quantity, line.micros])]);
