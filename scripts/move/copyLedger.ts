import { PERIOD_SECONDS } from '../../lib/counting/countScript.ts';
import { BASES, BUCKET_RECORDS, HEADER_BYTES, RECORD_BYTES } from '../../lib/counting/ledgerRecord.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { ledgerKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import { bucketField, type LedgerRecord, type LedgerSummary, readLedger, shardOfRecord } from './ledger.ts';

/** Buckets that are written at once. */
const BUCKETS_A_STEP = 1000;
/** Longer than any record is remembered; the first order of the next period sets the expiry again. */
const KEPT_SECONDS = 41 * 24 * 60 * 60;

/**
 * Copies a ledger. Records keep their stamps, so they are remembered no longer and no shorter than at the source.
 *
 * @param summary what the source holds
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function copyLedger(
  source: RedisClient,
  target: RedisClient,
  { records, ofShards }: LedgerSummary,
  show: Show,
): Promise<void> {
  const shards = shardsOf(target);
  const [now = 0] = (await target.time()).map(Number);
  const period = Math.floor(now / PERIOD_SECONDS);
  const sizes = new Map([...ofShards].map(([shard, part]) => [shard, sizeOf(part.records)]));
  // By how many periods the latest stamp of each shard is ahead.
  const ahead = new Map<Shard, number>();
  let copied = 0;
  for await (const step of readLedger(source)) {
    const buckets = new Map(shards.map((shard) => [shard, new Map<number, Buffer[]>()]));
    for (const record of step) {
      const shard = shardOfRecord(shards, record);
      const ofShard = buckets.get(shard);
      const number = bucketOf(record, sizes.get(shard) ?? BASES);
      ahead.set(shard, Math.max(ahead.get(shard) ?? 0, -ageOf(record.bytes, period)));
      const bucket = ofShard?.get(number);
      if (bucket) bucket.push(record.bytes);
      else ofShard?.set(number, [record.bytes]);
    }
    await Promise.all([...buckets].map(([shard, ofShard]) => writeBuckets(target, shard, ofShard, period)));
    copied += step.length;
    show(() => `copied ${copied} of ${records} records of the ledger`);
  }
  for (const [shard, part] of ofShards) {
    if (part.records === 0) continue;
    const newest = period + (ahead.get(shard) ?? 0);
    const state = [part.records, sizeOf(part.records), 0, now, newest].join(' ');
    await target.hset(ledgerKey(shard), 'state', state);
    await target.expireat(ledgerKey(shard), now + (newest - period) * PERIOD_SECONDS + KEPT_SECONDS);
  }
}

/** How many buckets a ledger with this number of records has. */
const sizeOf = (records: number): number => Math.max(BASES, Math.floor(records / BUCKET_RECORDS));

/** The number of the bucket of a record, as countScript.ts finds it: by linear hashing. */
function bucketOf({ base, bytes }: LedgerRecord, buckets: number): number {
  let level = BASES;
  while (level * 2 <= buckets) level *= 2;
  const bucket = (base + BASES * bytes.readUIntBE(0, 3)) % (2 * level);
  return bucket < buckets ? bucket : bucket - level;
}

async function writeBuckets(
  target: RedisClient,
  shard: Shard,
  buckets: ReadonlyMap<number, readonly Buffer[]>,
  period: number,
): Promise<void> {
  const fields = Array.from(buckets, ([number, records]) => [bucketField(number), toBucket(records, period)]);
  for (let start = 0; start < fields.length; start += BUCKETS_A_STEP) {
    await target.hset(ledgerKey(shard), ...fields.slice(start, start + BUCKETS_A_STEP).flat());
  }
}

function toBucket(records: readonly Buffer[], period: number): Buffer {
  const longs = records.filter(({ length }) => length === RECORD_BYTES.long);
  const shorts = records.filter(({ length }) => length === RECORD_BYTES.short);
  const oldest = Math.max(...records.map((record) => ageOf(record, period)));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8((period - oldest) & 255);
  header.writeUInt16BE(longs.length, 1);
  return Buffer.concat([header, ...longs, ...shorts]);
}

/** Periods since the stamp of a record, which is one modulo 256; below 0 for an order dated ahead. */
const ageOf = (record: Buffer, period: number): number =>
  ((period - record.readUInt8(record.length - 1) + 128) & 255) - 128;
