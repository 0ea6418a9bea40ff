import { randomFillSync } from 'node:crypto';
import pMap from 'p-map';
import { PERIOD_SECONDS } from '../lib/counting/countScript.ts';
import { BASES, BUCKET_RECORDS, HEADER_BYTES, RECORD_BYTES } from '../lib/counting/ledgerRecord.ts';
import type { RedisClient } from '../lib/redis/client.ts';
import { ledgerKey } from '../lib/stats/keys.ts';

/* As in lib/counting/count.lua. */
const KEPT_PERIODS = 4;
const DAY_SECONDS = 24 * 60 * 60;

/** Buckets per command: a few hundred kilobytes. */
const PORTION = 2000;
const RECORD = RECORD_BYTES.short;

/**
 * Fills the ledger of one Redis as if these orders had been counted in the last 40 days: random records, in the format and
 * with the expiry of the counting script. Bypasses the script, because counting a hundred million orders takes an hour.
 */
export async function fillLedger(redis: RedisClient, orders: number): Promise<void> {
  const key = ledgerKey('');
  const now = Number((await redis.time())[0]);
  const period = Math.floor(now / PERIOD_SECONDS);
  const sizes = spreadOver(Math.max(BASES, Math.floor(orders / BUCKET_RECORDS)), orders);
  // Few at once: enough to prepare one portion while others are written, without piling them up in memory.
  await pMap(portionsOf(sizes, period), (values) => redis.hset(key, ...values), { concurrency: 3 });
  // Records, buckets, the bucket to sweep next, the time that the sweep has reached, the period.
  await redis.hset(key, 'state', `${orders} ${sizes.length} 0 ${now} ${period}`);
  await redis.expireat(key, (period + KEPT_PERIODS) * PERIOD_SECONDS + DAY_SECONDS);
}

/** The largest power of 2 that is not above the number of buckets. */
const levelOf = (buckets: number): number => 2 ** Math.floor(Math.log2(buckets));

/** Records per bucket after random orders. A record whose bucket is not split off yet is in the bucket `level` below. */
function spreadOver(buckets: number, orders: number): Uint8Array {
  const sizes = new Uint8Array(buckets);
  const level = levelOf(buckets);
  for (let n = 0; n < orders; n++) {
    const bucket = Math.floor(Math.random() * 2 * level);
    const at = bucket < buckets ? bucket : bucket - level;
    sizes[at] = (sizes[at] ?? 0) + 1;
  }
  return sizes;
}

/** Fields and values of the buckets in portions, each generated when it is about to be written. */
function* portionsOf(sizes: Uint8Array, period: number): Generator<Buffer[]> {
  const level = levelOf(sizes.length);
  for (let first = 0; first < sizes.length; first += PORTION) {
    const portion = sizes.subarray(first, first + PORTION);
    // One call per portion: a call per bucket would take most of the time.
    const random = randomFillSync(Buffer.allocUnsafe(portion.reduce((sum, size) => sum + bytesOf(size), 0)));
    const values: Buffer[] = [];
    let at = 0;
    for (const [index, size] of portion.entries()) {
      const value = random.subarray(at, at + bytesOf(size));
      at += value.length;
      if (size === 0) continue;
      const bucket = first + index;
      const isSplit = bucket < sizes.length - level || bucket >= level;
      makeBucket(value, bucket, isSplit ? 2 * level : level, period);
      const field = Buffer.allocUnsafe(4);
      field.writeUInt32BE(bucket);
      values.push(field, value);
    }
    if (values.length > 0) yield values;
  }
}

const bytesOf = (size: number): number => HEADER_BYTES + size * RECORD;

/**
 * Turns random bytes into a bucket, by setting the bits of each id that select the bucket.
 *
 * @param level number of buckets when this bucket was split for the last time
 */
function makeBucket(value: Buffer, bucket: number, level: number, period: number): void {
  let oldest = 0;
  for (let at = HEADER_BYTES; at < value.length; at += RECORD) {
    const top = value.readUIntBE(at, 3);
    value.writeUIntBE(top - (top % (level / BASES)) + Math.floor(bucket / BASES), at, 3);
    const age = value.readUInt8(at + RECORD - 1) % KEPT_PERIODS;
    value.writeUInt8((period - age) % 256, at + RECORD - 1);
    oldest = Math.max(oldest, age);
  }
  value.writeUInt8((period - oldest) % 256, 0);
  // No long records.
  value.writeUInt16BE(0, 1);
}
