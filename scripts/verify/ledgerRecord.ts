import { hash } from 'node:crypto';
import {
  BASES,
  CANCELLED_CENTS,
  CONTENT_BYTES,
  HEADER_BYTES,
  ID_BYTES,
  RECORD_BYTES,
  USER_BYTES,
} from '../../lib/counting/ledgerRecord.ts';
import { formatUnits } from './recountedOrder.ts';

/*
 * Reads the ledger without the code that writes it. lib/counting/ledgerRecord.ts describes the format.
 */

/** What the ledger says of an order. */
export type LedgerRecord = {
  /** See {@link ledgerId}. */
  readonly id: string;
  /** 24 bits of a hash of the user id, which also pick the shard. */
  readonly user: number;
  readonly version: number;
  /** Undefined when the order is cancelled. */
  readonly cents: bigint | undefined;
  /** `YYYY-MM-DDTHH` */
  readonly hour: string;
  /** Period of 10 days from which the order is remembered. */
  readonly stamp: number;
};

/** What identifies an order: the first 64 bits of the SHA-256 of its id, one character per byte, then the base. */
export function ledgerId(orderId: string): string {
  const digest = hash('sha256', orderId, 'binary');
  return idOf(digest.slice(0, ID_BYTES), (digest.charCodeAt(ID_BYTES) << 8) | digest.charCodeAt(ID_BYTES + 1));
}

const idOf = (bytes: string, number: number): string => bytes + (number % BASES);

/** A record for people. Equal records have equal texts. */
export const recordText = (user: number, version: number, cents: bigint | undefined, hour: string): string =>
  // Joined: a template would keep all its parts in memory.
  [
    'version',
    version,
    cents === undefined ? 'cancelled' : `${formatUnits(cents)} ${hour}`,
    'user',
    user.toString(16).padStart(6, '0'),
  ].join(' ');

/**
 * Reads the records of a bucket.
 *
 * @param number - that of the bucket
 * @param buckets - how many there are
 * @returns undefined when the header is wrong, or when it does not consist of whole and distinct records of this bucket
 */
export function readBucket(
  bucket: Buffer,
  number: number,
  { buckets, period }: { readonly buckets: number; readonly period: number },
): LedgerRecord[] | undefined {
  if (bucket.length <= HEADER_BYTES) return undefined;
  const endOfLongs = HEADER_BYTES + bucket.readUInt16BE(1) * RECORD_BYTES.long;
  if (endOfLongs > bucket.length || (bucket.length - endOfLongs) % RECORD_BYTES.short > 0) return undefined;
  const records = new Map<string, LedgerRecord>();
  const oldest = age(bucket.readUInt8(), period);
  let at = HEADER_BYTES;
  while (at < bucket.length) {
    const length = at < endOfLongs ? RECORD_BYTES.long : RECORD_BYTES.short;
    const bytes = bucket.subarray(at, at + length);
    const record = readRecord(bytes, number, period);
    const isOfThisBucket = bucketOf(number % BASES, bytes.readUIntBE(0, 3), buckets) === number;
    if (!isOfThisBucket || records.has(record.id) || period - record.stamp > oldest) return undefined;
    records.set(record.id, record);
    at += length;
  }
  return [...records.values()];
}

function readRecord(bytes: Buffer, bucket: number, period: number): LedgerRecord {
  const numbers = ID_BYTES + USER_BYTES + CONTENT_BYTES;
  const isShort = bytes.length === RECORD_BYTES.short;
  const cents = isShort ? bytes.readUIntBE(numbers, 3) : bytes.readUIntBE(numbers + 3, 5);
  const hour = isShort ? bytes.readUIntBE(numbers + 3, 3) : bytes.readUInt32BE(numbers + 8);
  return {
    id: idOf(bytes.toString('latin1', 0, ID_BYTES), bucket),
    user: bytes.readUIntBE(ID_BYTES, USER_BYTES),
    version: isShort ? 1 : bytes.readUIntBE(numbers, 3),
    cents: cents === CANCELLED_CENTS ? undefined : BigInt(cents),
    hour: new Date(hour * 3_600_000).toISOString().slice(0, 'YYYY-MM-DDTHH'.length),
    stamp: period - age(bytes.readUInt8(bytes.length - 1), period),
  };
}

/** Linear hashing: the records of a bucket that does not exist yet are still in the one it will be split off from. */
function bucketOf(base: number, top: number, buckets: number): number {
  let level = BASES;
  while (level * 2 <= buckets) level *= 2;
  const number = (base + BASES * top) % (2 * level);
  return number < buckets ? number : number - level;
}

/** Periods since a stamp; negative when it lies ahead. */
const age = (stamp: number, period: number): number => ((period - stamp + 128) & 255) - 128;
