import {
  BASES,
  CANCELLED_CENTS,
  CONTENT_BYTES,
  HEADER_BYTES,
  ID_BYTES,
  RECORD_BYTES,
  USER_BYTES,
} from '../../lib/counting/ledgerRecord.ts';
import { hash32 } from '../../lib/hash32.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../../lib/redis/errors.ts';
import { ledgerKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import { sumOf, type Total } from '../../lib/stats/totals.ts';
import type { Show } from '../shared/progress.ts';

/** A record of a ledger as ledgerRecord.ts describes it, with its stamp, and the base of its bucket. */
export type LedgerRecord = { readonly base: number; readonly bytes: Buffer };

/** Buckets that are read at once. */
const BUCKETS_A_STEP = 1000;

/** The field of a bucket. */
export function bucketField(bucket: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bucket);
  return field;
}

/**
 * Reads the ledgers of all shards, step by step. A step holds all records of its bases, so every bucket of another
 * ledger can be made from one step.
 *
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function* readLedger(redis: RedisClient): AsyncGenerator<LedgerRecord[]> {
  const ledgers = await Promise.all(
    shardsOf(redis).map(async (shard) => ({
      key: ledgerKey(shard),
      buckets: await countBuckets(redis, ledgerKey(shard)),
    })),
  );
  const most = Math.max(BASES, ...ledgers.map(({ buckets }) => buckets));
  const basesAStep = Math.max(1, Math.floor(BUCKETS_A_STEP / Math.ceil(most / BASES)));
  for (let first = 0; first < BASES; first += basesAStep) {
    const end = Math.min(first + basesAStep, BASES);
    const found = await Promise.all(
      ledgers.map(async ({ key, buckets }) => {
        const numbers: number[] = [];
        for (let start = 0; start < buckets; start += BASES) {
          for (let base = first; base < end && start + base < buckets; base++) numbers.push(start + base);
        }
        return readBuckets(redis, key, numbers);
      }),
    );
    yield found.flat();
  }
}

async function countBuckets(redis: RedisClient, key: string): Promise<number> {
  const state = await redis.hget(key, 'state').catch((error) => {
    throw corruptionOf(key, error);
  });
  if (state === null) return 0;
  const [, buckets] = /^\d+ (\d+) \d+ \d+ \d+$/.exec(state) ?? [];
  if (buckets === undefined) throw new CorruptKeyError(`${key}: state`);
  return Number(buckets);
}

async function readBuckets(redis: RedisClient, key: string, numbers: readonly number[]): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  for (let start = 0; start < numbers.length; start += BUCKETS_A_STEP) {
    const step = numbers.slice(start, start + BUCKETS_A_STEP);
    const buckets = await redis.hmgetBuffer(key, ...step.map(bucketField));
    for (const [index, number] of step.entries()) {
      const bucket = buckets[index];
      if (bucket) addRecords(records, bucket, number, key);
    }
  }
  return records;
}

function addRecords(records: LedgerRecord[], bucket: Buffer, number: number, key: string): void {
  // Not made before it is needed: an error costs more than reading the bucket.
  const corruption = () => new CorruptKeyError(`${key}: bucket ${number}`);
  if (bucket.length < HEADER_BYTES) throw corruption();
  let longs = bucket.readUInt16BE(1);
  let at = HEADER_BYTES;
  while (at < bucket.length) {
    const end = at + (longs-- > 0 ? RECORD_BYTES.long : RECORD_BYTES.short);
    if (end > bucket.length) throw corruption();
    records.push({ base: number % BASES, bytes: bucket.subarray(at, end) });
    at = end;
  }
  if (longs > 0) throw corruption();
}

/** The shard that the user of a record belongs to: what hashOfUser() and shardOf() in keys.ts find by the user's id. */
export function shardOfRecord(shards: readonly Shard[], { bytes }: LedgerRecord): Shard {
  const shard = shards[bytes.readUIntBE(ID_BYTES, USER_BYTES) % shards.length];
  if (shard === undefined) throw new Error('There is no shard');
  return shard;
}

/** What the order of a record adds to a day; undefined where it is cancelled. */
function contributionOf({ bytes }: LedgerRecord): { cents: number; day: string } | undefined {
  const at = ID_BYTES + USER_BYTES + CONTENT_BYTES;
  const isShort = bytes.length === RECORD_BYTES.short;
  const cents = isShort ? bytes.readUIntBE(at, 3) : bytes.readUIntBE(at + 3, 5);
  if (cents === CANCELLED_CENTS) return undefined;
  const day = isShort ? bytes.readUInt16BE(at + 3) : bytes.readUIntBE(at + 8, 3);
  const month = Math.floor(day / 32) % 16;
  const two = (number: number) => String(number).padStart(2, '0');
  return { cents, day: `${1970 + Math.floor(day / 512)}-${two(month)}-${two(day % 32)}` };
}

/** Totals by day. */
export type Days = Map<string, Total>;

/** What a ledger remembers. */
export type LedgerSummary = {
  readonly records: number;
  /** Equal for the same records in any order. */
  readonly checksum: number;
  /** Records and days of each shard of the Redis that the ledger is for. */
  readonly ofShards: ReadonlyMap<Shard, { records: number; readonly days: Days }>;
};

/**
 * Reads a whole ledger.
 *
 * @param shards those of the Redis that the ledger moves to
 * @throws CorruptKeyError, or the error of Redis or of the connection
 */
export async function summarizeLedger(
  redis: RedisClient,
  shards: readonly Shard[],
  show: Show,
): Promise<LedgerSummary> {
  const ofShards = new Map(shards.map((shard) => [shard, { records: 0, days: new Map<string, Total>() }]));
  let records = 0;
  let checksum = 0;
  for await (const step of readLedger(redis)) {
    for (const record of step) {
      records++;
      checksum = (checksum + hash32(`${record.base} ${record.bytes.toString('latin1')}`)) % 2 ** 52;
      const part = ofShards.get(shardOfRecord(shards, record));
      const contribution = contributionOf(record);
      if (!part) continue;
      part.records++;
      if (!contribution) continue;
      const { day, cents } = contribution;
      part.days.set(day, sumOf([{ count: 1, cents }, part.days.get(day)]));
    }
    show(() => `read ${records} records of the ledger`);
  }
  return { records, checksum, ofShards };
}
