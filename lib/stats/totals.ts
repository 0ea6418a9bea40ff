import * as v from 'valibot';
import type { RedisClient } from '../redisClient.ts';
import { DamagedKey, damageOf } from './damagedKey.ts';
import type { GLOBAL_FIELDS, USER_FIELDS } from './keys.ts';
import { MAX_TOTAL_CENTS } from './maxTotal.ts';

/** A number of orders, and what they add up to in cents. */
export type Total = { readonly count: number; readonly cents: number };

/** Totals of a hash: of all time, and of each field that was asked for; undefined where it holds none. */
export type Totals = { readonly total: Total | undefined; readonly parts: readonly (Total | undefined)[] };

/** What totals come to. */
export function sumOf(totals: readonly (Total | undefined)[]): Total {
  let [count, cents] = [0, 0];
  for (const total of totals) {
    if (!total) continue;
    count += total.count;
    cents += total.cents;
  }
  return { count, cents };
}

/**
 * Reads a hash of totals in one round trip.
 *
 * @param fields names of the number of orders and of their amount
 * @param parts further fields, months or days
 * @throws {@link DamagedKey}, or the error of Redis or of the connection
 */
export async function readTotals(
  redis: RedisClient,
  key: string,
  [countField, amountField]: typeof GLOBAL_FIELDS | typeof USER_FIELDS,
  parts: readonly string[],
): Promise<Totals> {
  const fields = [countField, amountField, ...parts];
  const [count = null, amount = null, ...values] = await readFields(redis, key, fields).catch((error) => {
    throw damageOf(key, error);
  });
  const hasTotal = count !== null || amount !== null;
  return {
    total: hasTotal ? readTotal(key, `${count ?? 0} ${amount ?? '0.00'}`) : undefined,
    parts: values.map((value) => (value ? readTotal(key, value) : undefined)),
  };
}

/** A small hash is a list for Redis, and each field of HMGET a search in it: of many fields, all is read sooner. */
const MANY_FIELDS = 24;

/** All fields and values of a hash as one JSON text: the client takes ten times as long to read hundreds of replies. */
const wholeHashLua = "local all = redis.call('HGETALL', KEYS[1]) return #all > 0 and cjson.encode(all) or '[]'";
const isStrings = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
const WholeHash = v.pipe(v.string(), v.parseJson(), v.custom<string[]>(isStrings));

async function readFields(
  redis: RedisClient,
  key: string,
  fields: readonly string[],
): Promise<readonly (string | null | undefined)[]> {
  if (fields.length <= MANY_FIELDS) return redis.hmget(key, ...fields);
  const all = v.parse(WholeHash, await redis.eval(wholeHashLua, 1, key));
  const hash = new Map<string | undefined, string | undefined>();
  for (let at = 0; at < all.length; at += 2) hash.set(all[at], all[at + 1]);
  return fields.map((field) => hash.get(field));
}

const TOTAL = /^\d{1,16} \d{1,14}\.\d\d$/;

/**
 * Reads `<orders> <amount>`.
 *
 * @param key where it was read, for the error
 * @throws {@link DamagedKey}
 */
export function readTotal(key: string, text: string): Total {
  const space = text.indexOf(' ');
  const count = Number(text.slice(0, space));
  const cents = Number(text.slice(space + 1, -3)) * 100 + Number(text.slice(-2));
  if (!TOTAL.test(text) || Math.max(count, cents) > MAX_TOTAL_CENTS) throw new DamagedKey(key);
  return { count, cents };
}

/** Cents as currency units: the double that is nearest to the decimal. */
export const toUnits = (cents: number): number => cents / 100;
