import type { Redis } from 'ioredis';
import * as v from 'valibot';
import type { GLOBAL_FIELDS, USER_FIELDS } from './keys.ts';

/** A number of orders and what they come to, in cents: a bigint, as sums may go beyond what a double holds exactly. */
export type Total = { readonly count: bigint; readonly cents: bigint };

/** A key holds something that the pipeline never writes: nothing heals it but a person. */
export class DamagedKey extends Error {
  override readonly name = 'DamagedKey';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** What the error of a command on a key means: {@link DamagedKey} where it is about the key, else the error itself. */
export const damageOf = (key: string, error: Error): Error =>
  error.message.startsWith('WRONGTYPE') ? new DamagedKey(key) : error;

/** What Redis answers for the two fields of a total; an amount that a person has set may have fewer decimals. */
const Fields = v.pipe(
  v.tuple([
    v.nullable(v.pipe(v.string(), v.regex(/^\d+$/)), '0'),
    v.nullable(v.pipe(v.string(), v.regex(/^\d+(\.\d{1,2})?$/)), '0'),
  ]),
  v.transform(([count, amount]): Total => ({ count: BigInt(count), cents: centsOf(amount) })),
);

/**
 * Reads totals, all of one slot of a Redis Cluster, in one round trip.
 *
 * @returns the total of each key, in the same order; undefined where there is none
 * @throws {@link DamagedKey}, or the error of Redis or of the connection
 */
export async function readTotals(
  redis: Redis,
  keys: readonly string[],
  fields: typeof GLOBAL_FIELDS | typeof USER_FIELDS,
): Promise<(Total | undefined)[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hmget(key, ...fields);
  const replies = (await pipeline.exec()) ?? [];
  return keys.map((key, index) => {
    const [error, values] = replies[index] ?? [new Error('Redis gave no reply')];
    if (error) throw damageOf(key, error);
    if (v.is(v.tuple([v.null(), v.null()]), values)) return undefined;
    const parsed = v.safeParse(Fields, values);
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
