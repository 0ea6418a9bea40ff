import { PERIOD_SECONDS } from '../../lib/counting/countScript.ts';
import { BASES } from '../../lib/counting/ledgerRecord.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { globalDaysKey, ledgerKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import {
  type Difference,
  difference,
  type Fields,
  isWrongType,
  NOTHING,
  readHash,
  storedTotal,
  totalText,
  wrongType,
} from './differences.ts';
import { type LedgerRecord, readBucket, recordText } from './ledgerRecord.ts';
import { addTo, at, type RecountedShard, type RecountedTotal, type RecountedTotals } from './totals.ts';

/** How many periods an order is remembered: that of its stamp, and three more. */
const KEPT_PERIODS = 4;
/** An order placed within 30 days is remembered. One day less: the day of the stage begins up to 14 hours earlier. */
const REMEMBERED_DAYS = 29;
const DAY_SECONDS = 86_400;
/** Buckets that Redis returns in one step. */
const BUCKETS_PER_STEP = 1000;

/**
 * Compares the ledger of each shard with the recount, record by record, and with the days of the shard. An old order may
 * be forgotten, so an order that only the files hold is no difference by itself.
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
  if (typeof state === 'string') return [difference(key, 'state', 'five numbers', state, true)];
  const { records, buckets, expiry } = state;
  const comparison = new LedgerComparison(shard, shardsOf(redis), totals);
  for await (const [field, bucket] of bucketsOf(redis, key)) {
    comparison.add(field, bucket, { buckets, period: Math.floor(now / PERIOD_SECONDS) });
    show(() => `compared ${comparison.records} records of the ledger`);
  }
  const { found, unknown, days } = comparison;
  const differ = (field: string, expected: string, actual: string) =>
    found.push(difference(key, field, expected, actual));
  if (comparison.records !== records) differ('records', `${records}, as its state says`, `${comparison.records}`);
  if (unknown > 0) differ('orders in none of the files', '0', `${unknown}`);
  const actual = records === 0 ? expiry : await redis.expiretime(key);
  if (actual < expiry) differ('expiry', `${timeText(expiry)} or later`, actual < 0 ? 'none' : timeText(actual));
  // A key of another type is reported with the totals.
  const counted = await readHash(redis, globalDaysKey(shard));
  return counted ? [...found, ...compareDays(key, days, counted, now)] : found;
}

const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** How many records and buckets a ledger has, and until when it must be kept, in seconds since 1970. */
type State = { readonly records: number; readonly buckets: number; readonly expiry: number };

/** @returns the text of a corrupt state; without a ledger, the state of an empty one */
async function readState(redis: RedisClient, key: string): Promise<State | string> {
  const text = await redis.hget(key, 'state');
  if (text === null) return (await redis.exists(key)) ? 'none' : { records: 0, buckets: BASES, expiry: -1 };
  const match = /^(\d+) (\d+) (\d+) \d+ (\d+)$/.exec(text);
  if (!match) return text;
  const [, records = 0, buckets = 0, sweepNext = 0, latest = 0] = match.map(Number);
  const isSound = buckets >= BASES && sweepNext < buckets;
  return isSound ? { records, buckets, expiry: (latest + KEPT_PERIODS) * PERIOD_SECONDS } : text;
}

/** All fields of a ledger except its state. */
async function* bucketsOf(redis: RedisClient, key: string): AsyncGenerator<[field: Buffer, bucket: Buffer]> {
  // HSCAN may return a field twice.
  const seen = new Set<string>(['state']);
  let cursor = '0';
  do {
    const [next, reply] = await redis.hscanBuffer(key, cursor, 'COUNT', BUCKETS_PER_STEP);
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
  /** Records of orders in none of the files. Cancelled ones add to no total and are left out. */
  unknown = 0;
  readonly #shard: Shard;
  readonly #shards: readonly Shard[];
  readonly #expected: RecountedShard['records'];

  constructor(shard: Shard, shards: readonly Shard[], totals: RecountedTotals) {
    this.#shard = shard;
    this.#shards = shards;
    this.#expected = totals.ofShards.get(shard)?.records ?? new Map();
  }

  /** Adds a field of the ledger. */
  add(field: Buffer, bucket: Buffer, ledger: { readonly buckets: number; readonly period: number }): void {
    const number = field.length === 4 ? field.readUInt32BE() : Number.POSITIVE_INFINITY;
    if (number >= ledger.buckets) {
      this.#differ(field.toString('latin1'), null, `${bucket.length} bytes`, true);
      return;
    }
    const records = readBucket(bucket, number, ledger);
    if (records) for (const record of records) this.#addRecord(record);
    else this.#differ(`bucket ${number}`, 'whole records of this bucket', bucket.toString('hex'), true);
  }

  #addRecord({ id, user, version, cents, day }: LedgerRecord): void {
    this.records++;
    if (cents !== undefined) addTo(at(this.days, day), cents);
    const actual = recordText(user, version, cents, day);
    const [orderId, expected] = this.#expected.get(id)?.split('\t') ?? [];
    if (this.#shards[user % this.#shards.length] !== this.#shard)
      this.#differ('an order of another shard', null, actual);
    else if (orderId !== undefined && actual !== expected) this.#differ(orderId, expected ?? null, actual);
    else if (orderId === undefined && cents !== undefined) this.unknown++;
  }

  #differ(field: string, expected: string | null, actual: string, isCorrupt = false): void {
    this.found.push(difference(ledgerKey(this.#shard), field, expected, actual, isCorrupt));
  }
}

/**
 * Compares the days of the remembered orders with the days that were counted. They must be equal for the last 29 days and
 * later ones; of older days orders may be forgotten.
 *
 * @param key - that of the ledger
 * @param counted - `global:days` of the same shard; a corrupt value is reported with the totals
 * @param now - seconds since 1970
 */
function compareDays(
  key: string,
  remembered: ReadonlyMap<string, RecountedTotal>,
  counted: Fields,
  now: number,
): Difference[] {
  const lastForgettable = timeText(now - REMEMBERED_DAYS * DAY_SECONDS).slice(0, 10);
  const found: Difference[] = [];
  for (const day of new Set([...remembered.keys(), ...counted.keys()])) {
    const value = counted.get(day);
    const all = value === undefined ? NOTHING : storedTotal(value);
    const part = remembered.get(day) ?? NOTHING;
    if (!all || (part.orders === all.orders && part.cents === all.cents)) continue;
    const mayForget = day <= lastForgettable;
    if (mayForget && part.orders < all.orders && part.cents <= all.cents) continue;
    found.push(difference(key, day, `${mayForget ? 'at most ' : ''}${totalText(all)}`, totalText(part)));
  }
  return found;
}
