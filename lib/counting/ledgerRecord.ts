import { hash } from 'node:crypto';
import { hash32, hashNumbers } from '../hash32.ts';
import type { Order } from '../orders/order.ts';
import { hashOfUser } from '../stats/keys.ts';

/*
 * How the ledger knows an order. A record has one of two forms; its numbers are big-endian:
 *
 *            id  user  content  version  cents  hour  stamp
 *   short     8     3        3        -      3     3      1    21 bytes: version 1, placed, cents below 2^24, before 3883
 *   long      8     3        3        3      5     4      1    27 bytes: any other
 *
 * id       64 bits of the order id's SHA-256. The next 12 bits, the base, follow from the bucket that the record is in.
 *          Two of a billion order ids share these 76 bits with a probability of 1 in 150,000, which causes a
 *          false conflict.
 * user     24 bits of a hash of the user id, see keys.ts
 * content  24 bits of a hash of all that the order says
 * cents    what the order adds to the totals; 2^40 - 1 for a cancelled order, which adds nothing
 * hour     the hour that the order counts for, and so its day: see HourOf in calendar.ts
 * stamp    the later of when the order last came, by the clock of Redis, and when it was placed; in periods of 10 days,
 *          modulo 256. The order is remembered for 30 to 40 days from then
 */

/** Bytes of a record, by its form. */
export const RECORD_BYTES = { short: 21, long: 27 } as const;

/** Bytes of the parts that a record starts with. */
export const ID_BYTES = 8;
export const USER_BYTES = 3;
export const CONTENT_BYTES = 3;

/** Buckets that a ledger starts with: one per base. */
export const BASES = 4096;

/** Average number of records per bucket. */
export const BUCKET_RECORDS = 8;

/** Bytes of a bucket before its records: the stamp of the oldest record, and the number of long records (2 bytes). */
export const HEADER_BYTES = 3;

/** In place of the cents of an order that is cancelled. */
export const CANCELLED_CENTS = 2 ** 40 - 1;

/**
 * Writes the record of an order without its stamp.
 *
 * @returns its form, and the base of its bucket
 */
export function writeRecord(buffer: Buffer, at: number, order: Order): { isLong: boolean; base: number } {
  const digest = hash('sha256', order.orderId, 'binary');
  const base = ((digest.charCodeAt(ID_BYTES) << 8) | digest.charCodeAt(ID_BYTES + 1)) % BASES;
  const { hour } = order.placed;
  const cents = order.isCancelled ? CANCELLED_CENTS : order.cents;
  const isLong = order.version > 1 || cents >= 2 ** 24 || hour >= 2 ** 24;
  const user = hashOfUser(order.userId);
  let next = at;
  for (let index = 0; index < ID_BYTES; index++) buffer[next++] = digest.charCodeAt(index);
  next = writeBytes(buffer, next, USER_BYTES, user);
  next = writeBytes(buffer, next, CONTENT_BYTES, hashOfContent(order, user) >>> 8);
  if (isLong) {
    next = writeBytes(buffer, next, 3, order.version);
    next = buffer.writeUIntBE(cents, next, 5);
    writeBytes(buffer, next, 4, hour);
  } else {
    next = writeBytes(buffer, next, 3, cents);
    writeBytes(buffer, next, 3, hour);
  }
  return { isLong, base };
}

/** Like writeUIntBE, without its checks, which take longer than the rest of a record. */
function writeBytes(buffer: Buffer, at: number, bytes: number, value: number): number {
  let next = at;
  for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) buffer[next++] = value >>> shift;
  return next;
}

/** A hash of the content that counts or distinguishes orders. How amounts and instants are written makes no difference. */
function hashOfContent({ placed, isCancelled, cents, items }: Order, user: number): number {
  const head = hash32(placed.epoch, user);
  if (isCancelled) return head;
  const numbers = [head, cents];
  for (const { productId, quantity, micros } of items) numbers.push(quantity, micros, hash32(productId));
  return hashNumbers(numbers);
}
