import { PERIOD_SECONDS } from '../../lib/counting/countScript.ts';
import { BASES } from '../../lib/counting/ledgerRecord.ts';
import type { RedisClient } from '../../lib/redis/client.ts';
import { checkpointKey, globalDaysKey, ledgerKey, type Shard, shardsOf } from '../../lib/stats/keys.ts';
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
/**
 * An order placed or counted within 30 days is remembered. One day less: the day of the stage begins up to 14 hours earlier.
 */
const REMEMBERED_SECONDS = 29 * 86_400;
/**
 * The stamp of an order dated further ahead may be earlier than its date: the script stamps orders at most 64 periods ahead
 * of the clock of Redis, which may have been 400 days behind.
 */
const PERIODS_AHEAD = 20;
/** The one in which the year 9999 ends. */
const LAST_PERIOD = Math.floor(Date.UTC(9999, 11, 31) / 1000 / PERIOD_SECONDS);
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
  const { records, buckets, latest } = state;
  const comparison = new LedgerComparison(shard, shardsOf(redis), totals, now);
  for await (const [field, bucket] of bucketsOf(redis, key)) {
    comparison.add(field, bucket, buckets);
    show(() => `compared ${comparison.records} records of the ledger`);
  }
  comparison.end();
  const { found, unknown, days, newest } = comparison;
  const differ = (field: string, expected: string, actual: string) =>
    found.push(difference(key, field, expected, actual));
  if (comparison.records !== records) differ('records', `${records}, as its state says`, `${comparison.records}`);
  if (unknown > 0) differ('orders in none of the files', '0', `${unknown}`);
  if (latest < newest) differ('latest stamp', `${startOf(newest)} or later`, startOf(latest));
  const expiry = (Math.max(latest, newest) + KEPT_PERIODS) * PERIOD_SECONDS;
  const actual = records === 0 ? expiry : await redis.expiretime(key);
  if (actual < expiry) differ('expiry', `${timeText(expiry)} or later`, actual < 0 ? 'none' : timeText(actual));
  // A key of another type is reported with the totals.
  const counted = await readHash(redis, globalDaysKey(shard));
  return counted ? [...found, ...compareDays(key, days, counted, await lastForgettableDay(redis, shard, now))] : found;
}

const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The first day of a period. */
const startOf = (period: number): string => timeText(period * PERIOD_SECONDS).slice(0, 10);

/**
 * The last day of which the ledger may have forgotten orders that count; '' if it must know all, because all were counted
 * recently.
 */
async function lastForgettableDay(redis: RedisClient, shard: Shard, now: number): Promise<string> {
  const since = now - REMEMBERED_SECONDS;
  // When the shard, which had no totals then, counted its first order. A corrupt checkpoint is reported with the totals.
  const born = Number((await readHash(redis, checkpointKey(shard)))?.get('born'));
  return born > since && born <= now ? '' : timeText(since).slice(0, 10);
}

/** How many records and buckets a ledger has, and the latest stamp as a period. */
type State = { readonly records: number; readonly buckets: number; readonly latest: number };

/** @returns the text of a corrupt state; without a ledger, the state of an empty one */
async function readState(redis: RedisClient, key: string): Promise<State | string> {
  const text = await redis.hget(key, 'state');
  if (text === null) return (await redis.exists(key)) ? 'none' : { records: 0, buckets: BASES, latest: 0 };
  const match = /^(\d+) (\d+) (\d+) \d+ (\d+)$/.exec(text);
  if (!match) return text;
  const [, records = 0, buckets = 0, sweepNext = 0, latest = 0] = match.map(Number);
  const isSound = buckets >= BASES && sweepNext < buckets && latest <= LAST_PERIOD;
  return isSound ? { records, buckets, latest } : text;
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
  /** The latest stamp of a record, as a period. */
  newest = 0;
  readonly #shard: Shard;
  readonly #shards: readonly Shard[];
  readonly #expected: RecountedShard['records'];
  /** Cancelled orders without a record. */
  readonly #missing: RecountedShard['cancelled'];
  readonly #now: number;

  /** @param now - seconds since 1970, by the clock of Redis */
  constructor(shard: Shard, shards: readonly Shard[], totals: RecountedTotals, now: number) {
    const expected = totals.ofShards.get(shard);
    this.#shard = shard;
    this.#shards = shards;
    this.#expected = expected?.records ?? new Map();
    this.#missing = new Set(expected?.cancelled);
    this.#now = now;
  }

  /** Adds a field of the ledger. */
  add(field: Buffer, bucket: Buffer, buckets: number): void {
    const number = field.length === 4 ? field.readUInt32BE() : Number.POSITIVE_INFINITY;
    if (number >= buckets) {
      this.#differ(field.toString('latin1'), null, `${bucket.length} bytes`, true);
      return;
    }
    const records = readBucket(bucket, number, { buckets, period: this.#period });
    if (records) for (const record of records) this.#addRecord(record);
    else this.#differ(`bucket ${number}`, 'whole records of this bucket', bucket.toString('hex'), true);
  }

  /** Reports missing cancelled orders once all fields are added. The days show that other orders are missing. */
  end(): void {
    for (const id of this.#missing) {
      const { orderId = '', text = '', placed } = this.#expectedOf(id);
      if (this.#isRemembered(placed)) this.#differ(orderId, text, null);
    }
  }

  #addRecord({ id, user, version, cents, hour, stamp }: LedgerRecord): void {
    this.records++;
    this.newest = Math.max(this.newest, stamp);
    this.#missing.delete(id);
    if (cents !== undefined) addTo(at(this.days, hour.slice(0, 'YYYY-MM-DD'.length)), cents);
    const actual = recordText(user, version, cents, hour);
    const { orderId, text = '', placed } = this.#expectedOf(id);
    const earliest = Math.min(Math.floor(placed / PERIOD_SECONDS), this.#period + PERIODS_AHEAD);
    if (this.#shards[user % this.#shards.length] !== this.#shard)
      this.#differ('an order of another shard', null, actual);
    else if (orderId === undefined) this.unknown += cents === undefined ? 0 : 1;
    else if (actual !== text) this.#differ(orderId, text, actual);
    else if (this.#isRemembered(placed) && stamp < earliest)
      this.#differ(orderId, `stamp ${startOf(earliest)} or later`, `stamp ${startOf(stamp)}`);
  }

  get #period(): number {
    return Math.floor(this.#now / PERIOD_SECONDS);
  }

  /** Whether the ledger must know an order that was placed then. */
  #isRemembered(placed: number): boolean {
    return placed > this.#now - REMEMBERED_SECONDS;
  }

  #expectedOf(id: string): { orderId: string | undefined; text: string | undefined; placed: number } {
    const [orderId, text, placed] = this.#expected.get(id)?.split('\t') ?? [];
    return { orderId, text, placed: Number(placed) };
  }

  #differ(field: string, expected: string | null, actual: string | null, isCorrupt = false): void {
    this.found.push(difference(ledgerKey(this.#shard), field, expected, actual, isCorrupt));
  }
}

/**
 * Compares the days of the remembered orders with the days that were counted. They must be equal after
 * `lastForgettable`; of that day and earlier ones, orders may be forgotten.
 *
 * @param key - that of the ledger
 * @param counted - `global:days` of the same shard; a corrupt value is reported with the totals
 * @param lastForgettable - see {@link lastForgettableDay}
 */
function compareDays(
  key: string,
  remembered: ReadonlyMap<string, RecountedTotal>,
  counted: Fields,
  lastForgettable: string,
): Difference[] {
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
