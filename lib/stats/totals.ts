import * as v from 'valibot';
import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../redis/errors.ts';
import { type GLOBAL_FIELDS, globalDaysKey, MAX_TOTAL_CENTS, type Shard, type USER_FIELDS } from './keys.ts';

/** Number of orders, and their sum. */
export type Total = { readonly count: number; readonly cents: number };

/** Total of a month, a day or an hour; undefined without orders. */
export type Part = Total | undefined;

/** Of all time, undefined if the hash has none, and of each requested month. */
export type Totals = { readonly total: Total | undefined; readonly parts: readonly Part[] };

export function sumOf(totals: readonly Part[]): Total {
  let [count, cents] = [0, 0];
  for (const total of totals) {
    if (!total) continue;
    count += total.count;
    cents += total.cents;
  }
  return { count, cents };
}

/**
 * Reads the hash of a user, or of all users, in one round trip.
 *
 * @param months further fields to read
 * @throws {@link CorruptKeyError}, or the error of Redis or of the connection
 */
export async function readTotals(
  redis: RedisClient,
  key: string,
  [countField, amountField]: typeof GLOBAL_FIELDS | typeof USER_FIELDS,
  months: readonly string[],
): Promise<Totals> {
  const fields = [countField, amountField, ...months];
  const isMany = fields.length > MANY_FIELDS;
  const read = isMany ? readFromWhole(redis, key, fields) : redis.hmget(key, ...fields);
  const [count = null, amount = null, ...values] = await orCorruption(key, read);
  const hasTotal = count !== null || amount !== null;
  return {
    total: hasTotal ? readTotal(key, `${count ?? 0} ${amount ?? '0.00'}`) : undefined,
    parts: values.map((value) => readPart(key, value)),
  };
}

/**
 * One round trip. Never reads the whole hash, which holds years of days.
 *
 * @throws {@link CorruptKeyError}, or the error of Redis or of the connection
 */
export async function readDays(redis: RedisClient, shard: Shard, days: readonly string[]): Promise<Part[]> {
  const key = globalDaysKey(shard);
  const values = await orCorruption(key, redis.hmget(key, ...days));
  return values.map((value) => readPart(key, value));
}

type Value = string | null | undefined;

const readPart = (key: string, value: Value): Part => (typeof value === 'string' ? readTotal(key, value) : undefined);

const orCorruption = <T>(key: string, reading: Promise<T>): Promise<T> =>
  reading.catch((error) => {
    throw corruptionOf(key, error);
  });

/** Redis stores a small hash as a list and scans it per HMGET field, so reading all of it wins above this number. */
const MANY_FIELDS = 24;

/** One JSON text: ioredis takes ten times as long to parse hundreds of replies. */
export const wholeHashLua = "local all = redis.call('HGETALL', KEYS[1]) return #all > 0 and cjson.encode(all) or '[]'";
const WholeHash = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

async function readFromWhole(redis: RedisClient, key: string, fields: readonly string[]): Promise<Value[]> {
  const all = v.parse(WholeHash, await redis.eval(wholeHashLua, 1, key));
  const hash = new Map<string | undefined, string | undefined>();
  for (let at = 0; at < all.length; at += 2) hash.set(all[at], all[at + 1]);
  return fields.map((field) => hash.get(field));
}

const TOTAL = /^\d{1,16} \d{1,14}\.\d\d$/;

/**
 * Reads `<orders> <amount>`.
 *
 * @param key for the error
 * @throws {@link CorruptKeyError}
 */
export function readTotal(key: string, text: string): Total {
  const space = text.indexOf(' ');
  const count = Number(text.slice(0, space));
  const cents = Number(text.slice(space + 1, -3)) * 100 + Number(text.slice(-2));
  if (!TOTAL.test(text) || Math.max(count, cents) > MAX_TOTAL_CENTS) throw new CorruptKeyError(key);
  return { count, cents };
}

/** Cents as currency units: the double nearest to the decimal. */
export const toUnits = (cents: number): number => cents / 100;
