import { BASES } from '../../lib/counting/ledgerRecord.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { globalDaysKey, ledgerKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import { compareDays } from './days.ts';
import { corruptValue, type Difference, isWrongType, wrongType } from './differences.ts';
import { type LedgerRecord, readBucket, recordText } from './ledgerRecord.ts';
import { at, type RecountedShard, type RecountedTotal, type RecountedTotals } from './recount.ts';
import { readHash } from './stored.ts';

const PERIOD_SECONDS = 10 * 86_400;
/** How many periods an order is remembered: that of its stamp, and three more. */
const KEPT_PERIODS = 4;
/** Buckets that Redis is asked for in one step. */
const BUCKETS_A_STEP = 1000;

/**
 * Compares the ledger of each shard with the recount, record by record, and with the days of the shard. An order of the
 * files may be forgotten, so one that the ledger does not know is no difference by itself.
 *
 * @param show - called after every step
 * @throws the error of Redis or of the connection
 */
export async function compareLedgers(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  const [now = 0] = (await redis.time()).map(Number);
  const found: Difference[] = [];
  for (const shard of shardsOf(redis)) {
    try {
      found.push(...(await compareLedger(redis, shard, totals, now, show)));
    } catch (error) {
      if (!isWrongType(error)) throw error;
      found.push(wrongType(ledgerKey(shard), 'hash'));
    }
  }
  return found;
}

/** @param now - seconds since 1970, by the clock of Redis */
async function compareLedger(
  redis: RedisClient,
  shard: Shard,
  totals: RecountedTotals,
  now: number,
  show: Show,
): Promise<Difference[]> {
  const key = ledgerKey(shard);
  const state = await readState(redis, key);
  if (typeof state === 'string') return [corruptValue(key, 'state', 'five numbers', state)];
  const { records, buckets, expiry } = state;
  const comparison = new LedgerComparison(shard, shardsOf(redis), totals);
  for await (const [field, bucket] of bucketsOf(redis, key)) {
    comparison.add(field, bucket, { buckets, period: Math.floor(now / PERIOD_SECONDS) });
    show(() => `compared ${comparison.records} records of the ledger`);
  }
  const { found, unknown, days } = comparison;
  const differ = (field: string, expected: string, actual: string) =>
    found.push({ key, field, expected, actual, corrupt: false });
  if (comparison.records !== records) differ('records', `${records}, as its state says`, `${comparison.records}`);
  if (unknown > 0) differ('orders in none of the files', '0', `${unknown}`);
  const actual = records === 0 ? expiry : await redis.expiretime(key);
  if (actual < expiry) differ('expiry', `${textOf(expiry)} or later`, actual < 0 ? 'none' : textOf(actual));
  // One that is not a hash is reported with the totals.
  const stored = await readHash(redis, globalDaysKey(shard));
  return stored ? [...found, ...compareDays(key, days, stored, now)] : found;
}

const textOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** How many records and buckets a ledger has, and until when it has to be kept, in seconds since 1970. */
type State = { readonly records: number; readonly buckets: number; readonly expiry: number };

/** @returns the text of the state where that is none; where there is no ledger, the state of an empty one */
async function readState(redis: RedisClient, key: string): Promise<State | string> {
  const text = await redis.hget(key, 'state');
  if (text === null) return (await redis.exists(key)) ? 'none' : { records: 0, buckets: BASES, expiry: -1 };
  const match = /^(\d+) (\d+) (\d+) \d+ (\d+)$/.exec(text);
  if (!match) return text;
  const [, records = 0, buckets = 0, sweepNext = 0, latest = 0] = match.map(Number);
  const isSound = buckets >= BASES && sweepNext < buckets;
  return isSound ? { records, buckets, expiry: (latest + KEPT_PERIODS) * PERIOD_SECONDS } : text;
}

/** All buckets with their fields. */
async function* bucketsOf(redis: RedisClient, key: string): AsyncGenerator<[field: Buffer, bucket: Buffer]> {
  // HSCAN may give out a field twice.
  const seen = new Set<string>(['state']);
  let cursor = '0';
  do {
    const [next, reply] = await redis.hscanBuffer(key, cursor, 'COUNT', BUCKETS_A_STEP);
    for (let index = 0; index < reply.length; index += 2) {
      const [field, bucket] = reply.slice(index, index + 2);
      const name = field?.toString('latin1') ?? '';
      if (!field || !bucket || seen.has(name)) continue;
      seen.add(name);
      yield [field, bucket];
    }
    cursor = next.toString();
  } while (cursor !== '0');
}

/** Compares the records of one shard with the recount, and adds up their days. */
class LedgerComparison {
  readonly found: Difference[] = [];
  readonly days = new Map<string, RecountedTotal>();
  records = 0;
  /** Records of orders that are in none of the files, and not cancelled: these add to no total. */
  unknown = 0;
  readonly #shard: Shard;
  readonly #shards: readonly Shard[];
  readonly #expected: RecountedShard['records'];

  constructor(shard: Shard, shards: readonly Shard[], totals: RecountedTotals) {
    this.#shard = shard;
    this.#shards = shards;
    this.#expected = totals.ofShards.get(shard)?.records ?? new Map();
  }

  /** Takes a field of the ledger but for its state. */
  add(field: Buffer, bucket: Buffer, ledgerOf: { readonly buckets: number; readonly period: number }): void {
    const number = field.length === 4 ? field.readUInt32BE() : Number.POSITIVE_INFINITY;
    if (number >= ledgerOf.buckets) {
      this.found.push(corruptValue(ledgerKey(this.#shard), field.toString('latin1'), null, `${bucket.length} bytes`));
      return;
    }
    const records = readBucket(bucket, number, ledgerOf);
    if (!records) {
      const expected = 'whole records of this bucket';
      this.found.push(corruptValue(ledgerKey(this.#shard), `bucket ${number}`, expected, bucket.toString('hex')));
      return;
    }
    for (const record of records) this.#addRecord(record);
  }

  #addRecord({ id, user, version, cents, day }: LedgerRecord): void {
    this.records++;
    if (cents !== undefined) {
      const total = at(this.days, day);
      total.orders++;
      total.cents += cents;
    }
    const actual = recordText(user, version, cents, day);
    const [orderId, expected] = this.#expected.get(id)?.split('\t') ?? [];
    const differ = (field: string, expected: string | null) =>
      this.found.push({ key: ledgerKey(this.#shard), field, expected, actual, corrupt: false });
    if (this.#shards[user % this.#shards.length] !== this.#shard) differ('an order of another shard', null);
    else if (orderId !== undefined && actual !== expected) differ(orderId, expected ?? null);
    else if (orderId === undefined && cents !== undefined) this.unknown++;
  }
}
