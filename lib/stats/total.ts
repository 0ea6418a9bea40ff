import * as v from 'valibot';
import type { RedisClient } from '../redisClient.ts';
import { DamagedKey, damageOf } from './damagedKey.ts';
import { readHashes } from './hashes.ts';
import type { GLOBAL_FIELDS, USER_FIELDS } from './keys.ts';
import { MAX_TOTAL_CENTS } from './maxTotal.ts';

/** A number of orders and what they come to, in cents: a bigint, as sums may go beyond what a double holds exactly. */
export type Total = { readonly count: bigint; readonly cents: bigint };

/** What Redis answers for the two fields of a total; an amount that a person has set may have fewer decimals. */
const Fields = v.pipe(
  v.tuple([
    v.nullable(v.pipe(v.string(), v.regex(/^\d+$/)), '0'),
    v.nullable(v.pipe(v.string(), v.regex(/^\d+(\.\d{1,2})?$/)), '0'),
  ]),
  v.transform(([count, amount]): Total => ({ count: BigInt(count), cents: centsOf(amount) })),
  v.check(({ count, cents }) => count <= MAX_TOTAL_CENTS && cents <= MAX_TOTAL_CENTS),
);

/**
 * Reads totals in one round trip.
 *
 * @returns the total of each key, in the same order; undefined where there is none
 * @throws {@link DamagedKey}, or the error of Redis or of the connection
 */
export async function readTotals(
  redis: RedisClient,
  keys: readonly string[],
  fields: typeof GLOBAL_FIELDS | typeof USER_FIELDS,
): Promise<(Total | undefined)[]> {
  const replies = await readHashes(
    redis,
    keys.map((key) => [key, ...fields]),
  );
  return replies.map((reply, index) => {
    const key = keys[index] ?? '';
    if ('error' in reply) throw damageOf(key, reply.error);
    if (reply.values.every((value) => value === null)) return undefined;
    const parsed = v.safeParse(Fields, reply.values);
    if (!parsed.success) throw new DamagedKey(key);
    return parsed.output;
  });
}

/** Cents as currency units: the double that is nearest to the decimal. */
export const toUnits = (cents: bigint): number =>
  Number(`${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`);

function centsOf(amount: string): bigint {
  const [units = '', decimals = ''] = amount.split('.');
  return BigInt(units + decimals.padEnd(2, '0'));
}
