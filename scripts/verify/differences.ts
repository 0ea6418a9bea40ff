import * as v from 'valibot';
import type { RedisClient } from '../../lib/redis/client.ts';
import { GLOBAL_FIELDS, USER_FIELDS } from '../../lib/stats/keys.ts';
import { formatUnits, storedCents } from './recountedOrder.ts';
import type { RecountedTotal } from './totals.ts';

/** A value in Redis that is not what the recount expects. */
export type Difference = {
  readonly key: string;
  /** Field of the hash, or member of the leaderboard; `type` when the key is of another type. */
  readonly field: string;
  /** Null when there should be no value. */
  readonly expected: string | null;
  /** The value in Redis; null when there is none. */
  readonly actual: string | null;
  /** Whether the value is not even a number of its kind, e.g. an amount with 3 decimals. */
  readonly corrupt: boolean;
};

export const difference = (
  key: string,
  field: string,
  expected: string | null,
  actual: string | null,
  corrupt = false,
): Difference => ({ key, field, expected, actual, corrupt });

export const wrongType = (key: string, type: string): Difference =>
  difference(key, 'type', type, `not a ${type}`, true);

/** Whether a command failed because the key is of another type. */
export const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/**
 * A total must not expire.
 *
 * @param time - of EXPIRETIME: seconds since 1970, or below 0 for a key that does not expire or exist
 */
export const expiryOf = (key: string, time: number): Difference[] =>
  time < 0 ? [] : [difference(key, 'expiry', null, new Date(time * 1000).toISOString())];

/** A hash of Redis. */
export type Fields = ReadonlyMap<string, string>;

/** The fields that hold the total of all time: a number of orders and an amount. Other fields hold a month or a day. */
type Names = typeof GLOBAL_FIELDS | typeof USER_FIELDS;

/** Totals as Redis should hold them: those of months or days, and with names the total of all time. */
export function fieldsOf(
  parts: ReadonlyMap<string, RecountedTotal>,
  names?: Names,
  all: RecountedTotal = NOTHING,
): Fields {
  const fields = new Map<string, string>();
  if (names && all.orders > 0) fields.set(names[0], `${all.orders}`).set(names[1], formatUnits(all.cents));
  for (const [part, total] of parts) fields.set(part, totalText(total));
  return fields;
}

export const NOTHING: Readonly<RecountedTotal> = { orders: 0, cents: 0n };

/** The total of a month or a day as Redis holds it. */
export const totalText = ({ orders, cents }: Readonly<RecountedTotal>): string => `${orders} ${formatUnits(cents)}`;

/** Reads the total of a month or a day; undefined when the value is corrupt. */
export function storedTotal(value: string): RecountedTotal | undefined {
  const [, orders = '', amount = ''] = /^(\d{1,16}) (\S+)$/.exec(value) ?? [];
  const cents = storedCents(amount);
  return cents === undefined ? undefined : { orders: Number(orders), cents };
}

export function compareHash(key: string, expected: Fields, actual: Fields): Difference[] {
  const found: Difference[] = [];
  for (const field of new Set([...expected.keys(), ...actual.keys()])) {
    const [should = null, is = null] = [expected.get(field), actual.get(field)];
    if (should !== is) found.push(difference(key, field, should, is, is !== null && isCorrupt(field, is)));
  }
  return found;
}

function isCorrupt(field: string, value: string): boolean {
  if (field === GLOBAL_FIELDS[0] || field === USER_FIELDS[0]) return !/^\d{1,16}$/.test(value);
  if (field === GLOBAL_FIELDS[1] || field === USER_FIELDS[1]) return storedCents(value) === undefined;
  return storedTotal(value) === undefined;
}

const Reply = v.array(v.string());

/**
 * Reads the reply of HGETALL as a list: an object would lose fields such as `__proto__`.
 *
 * @throws an error when the reply is not a list of strings
 */
export function readFields(reply: unknown): Fields {
  const list = v.parse(Reply, reply);
  const fields = new Map<string, string>();
  for (let index = 0; index < list.length; index += 2) fields.set(list[index] ?? '', list[index + 1] ?? '');
  return fields;
}

/** @returns undefined when the key is not a hash */
export async function readHash(redis: RedisClient, key: string): Promise<Fields | undefined> {
  try {
    return readFields(await redis.call('HGETALL', key));
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}
