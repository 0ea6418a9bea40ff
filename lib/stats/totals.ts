import type { RedisClient } from '../redisClient.ts';
import { DamagedKey, damageOf } from './damagedKey.ts';
import type { GLOBAL_FIELDS, USER_FIELDS } from './keys.ts';
import { MAX_TOTAL_CENTS } from './maxTotal.ts';

/** A number of orders, and what they add up to in cents. */
export type Total = { readonly count: number; readonly cents: number };

/** Totals of a hash: of all time, and of each field that was asked for; undefined where it holds none. */
export type Totals = { readonly total: Total | undefined; readonly parts: readonly (Total | undefined)[] };

/** No orders. */
export const NONE: Total = { count: 0, cents: 0 };

/** The sum of two totals. */
export const plus = (one: Total, other: Total = NONE): Total => ({
  count: one.count + other.count,
  cents: one.cents + other.cents,
});

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
    parts: values.map((value) => (value === null ? undefined : readTotal(key, value))),
  };
}

/** A small hash is a list for Redis, and each field of HMGET a search in it: of many fields, all is read sooner. */
const MANY_FIELDS = 24;

async function readFields(redis: RedisClient, key: string, fields: readonly string[]): Promise<(string | null)[]> {
  if (fields.length <= MANY_FIELDS) return redis.hmget(key, ...fields);
  const hash = await redis.hgetall(key);
  return fields.map((field) => hash[field] ?? null);
}

const TOTAL = /^(\d{1,16}) (\d{1,14})\.(\d\d)$/;

/**
 * Reads `<orders> <amount>`.
 *
 * @param key where it was read, for the error
 * @throws {@link DamagedKey}
 */
export function readTotal(key: string, text: string): Total {
  const match = TOTAL.exec(text);
  const count = Number(match?.[1]);
  const cents = Number(match?.[2]) * 100 + Number(match?.[3]);
  if (!match || Math.max(count, cents) > MAX_TOTAL_CENTS) throw new DamagedKey(key);
  return { count, cents };
}

/** Cents as currency units: the double that is nearest to the decimal. */
export const toUnits = (cents: number): number => cents / 100;
