import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { hourOf } from './modelTotals.ts';

const KEY = 'global:ledger:orders';
const HEADER = 3;
const SHORT = 21;
const LONG = 27;
const BASES = 4096;
/** In place of the cents of an order that is cancelled. */
const CANCELLED_CENTS = 2 ** 40 - 1;

/** What an order contributed in which version; without cents and hour where it is cancelled. */
type Contribution = { readonly version: number; readonly cents?: number; readonly hour?: string };

/** A record of the ledger and the period, modulo 256, in which it was entered. */
type LedgerRecord = Contribution & { readonly stamp: number };

/** The ledger of one Redis, read without the code that writes it. */
export type LedgerContent = {
  readonly state: { records: number; buckets: number; sweepNext: number; swept: number; period: number };
  /** By {@link ledgerId}. */
  readonly records: ReadonlyMap<string, LedgerRecord>;
};

/** How the ledger identifies an order: 76 bits of its SHA-256, as text. */
export function ledgerId(orderId: string): string {
  const digest = createHash('sha256').update(orderId).digest();
  return nameOf(baseOf(orderId), digest.subarray(0, 8));
}

/** Which of the 4096 bases an order has: the last 12 bits of the number of its bucket. */
export function baseOf(orderId: string): number {
  return createHash('sha256').update(orderId).digest().readUInt16BE(8) % BASES;
}

const nameOf = (base: number, id: Buffer): string => `${base} ${id.toString('hex')}`;

/** The bucket of an order, as a field of the hash, in a ledger with this number of buckets. */
export function bucketField(orderId: string, buckets: number): Buffer {
  const top = createHash('sha256').update(orderId).digest().readUIntBE(0, 3);
  return fieldOf(bucketNumber(baseOf(orderId), top, buckets));
}

export function fieldOf(bucket: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bucket);
  return field;
}

/** Linear hashing: a bucket that does not exist yet has not split off the one half as far. */
function bucketNumber(base: number, top: number, buckets: number): number {
  let size = BASES;
  while (size * 2 <= buckets) size *= 2;
  const number = (base + BASES * top) % (2 * size);
  return number < buckets ? number : number - size;
}

/**
 * Reads the whole ledger.
 *
 * @throws an error where a record is in a bucket that is not its own, stands twice, or a header does not fit
 */
export async function readLedger(redis: Redis): Promise<LedgerContent> {
  const flat = await redis.callBuffer('HGETALL', KEY);
  if (!Array.isArray(flat)) throw new Error('HGETALL gave no list');
  const fields = new Map<string, Buffer>();
  for (let n = 0; n < flat.length; n += 2) fields.set(flat[n].toString('latin1'), flat[n + 1]);
  const [records = 0, buckets = 0, sweepNext = 0, swept = 0, period = 0] = `${fields.get('state') ?? ''}`
    .split(' ')
    .map(Number);
  fields.delete('state');
  const found = new Map<string, LedgerRecord>();
  for (const [name, bucket] of fields) {
    const number = Buffer.from(name, 'latin1').readUInt32BE();
    readBucket(number, bucket, { buckets, period }, found);
  }
  return { state: { records, buckets, sweepNext, swept, period }, records: found };
}

function readBucket(
  number: number,
  bucket: Buffer,
  { buckets, period }: { readonly buckets: number; readonly period: number },
  found: Map<string, LedgerRecord>,
): void {
  const fail = (what: string) => new Error(`Bucket ${number} of ${buckets} ${what}: ${bucket.toString('hex')}`);
  const longEnd = HEADER + bucket.readUInt16BE(1) * LONG;
  let oldest = Number.NEGATIVE_INFINITY;
  let at = HEADER;
  while (at < bucket.length) {
    const length = at < longEnd ? LONG : SHORT;
    const record = bucket.subarray(at, at + length);
    if (record.length < length) throw fail('ends within a record');
    const id = record.subarray(0, 8);
    if (bucketNumber(number % BASES, id.readUIntBE(0, 3), buckets) !== number) throw fail('holds a record of another');
    const name = nameOf(number % BASES, id);
    if (found.has(name)) throw fail('holds a record twice');
    const stamp = record.readUInt8(length - 1);
    oldest = Math.max(oldest, age(period, stamp));
    found.set(name, { ...readContribution(record), stamp });
    at += length;
  }
  if (oldest === Number.NEGATIVE_INFINITY) throw fail('is empty');
  if (age(period, bucket.readUInt8()) < oldest) throw fail('has a record that is older than its header says');
}

/** Periods since a stamp; below 0 for a stamp of the future. */
export const age = (period: number, stamp: number): number => ((((period - stamp + 128) % 256) + 256) % 256) - 128;

function readContribution(record: Buffer): Contribution {
  const isLong = record.length === LONG;
  const version = isLong ? record.readUIntBE(14, 3) : 1;
  const cents = isLong ? record.readUIntBE(17, 5) : record.readUIntBE(14, 3);
  const hour = isLong ? record.readUIntBE(22, 4) : record.readUIntBE(17, 3);
  if (cents === CANCELLED_CENTS) return { version };
  return { version, cents, hour: hourOf(hour * 3600) };
}

/** How many orders the ledger remembers, according to its state. */
export async function rememberedOrders(redis: Redis): Promise<number> {
  const state = await redis.hget(KEY, 'state');
  return Number(state?.split(' ')[0] ?? 0);
}
