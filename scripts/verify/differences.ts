import type { GLOBAL_FIELDS, USER_FIELDS } from '../../lib/stats/keys.ts';
import type { RecountedTotal } from './recount.ts';
import { formatUnits, storedCents } from './recountedOrder.ts';

/** A value in Redis that is not what the recount expects. */
export type Difference = {
  readonly key: string;
  /** Field of the hash, or member of the leaderboard; `type` when the key holds something else altogether. */
  readonly field: string;
  /** The value that should be there; null when there should be none. */
  readonly expected: string | null;
  /** The value that Redis holds; null when there is none. */
  readonly actual: string | null;
  /** Whether the value is not even a number of its kind, e.g. an amount with 3 decimals. */
  readonly corrupt: boolean;
};

/** Fields of a hash of totals, and their values. */
export type Fields = ReadonlyMap<string, string>;

/** Fields of the total of all time: number of orders and amount. All other fields are months or days, with both. */
export type Names = typeof GLOBAL_FIELDS | typeof USER_FIELDS;

/** Totals as the fields of a hash: of all time, where it has such fields, and of each month or day. */
export function fieldsOf(
  names: Names | undefined,
  all: Readonly<RecountedTotal>,
  parts: ReadonlyMap<string, RecountedTotal>,
): Fields {
  const fields = new Map<string, string>();
  if (names && all.orders > 0) fields.set(names[0], `${all.orders}`).set(names[1], formatUnits(all.cents));
  for (const [part, total] of parts) fields.set(part, totalText(total));
  return fields;
}

/** Compares all fields of a hash. */
export function compareHash(key: string, names: Names | undefined, expected: Fields, actual: Fields): Difference[] {
  const found: Difference[] = [];
  for (const field of new Set([...expected.keys(), ...actual.keys()])) {
    const [should = null, is = null] = [expected.get(field), actual.get(field)];
    if (should === is) continue;
    found.push({ key, field, expected: should, actual: is, corrupt: is !== null && isCorrupt(names, field, is) });
  }
  return found;
}

/** The sum of the hashes of all shards. A corrupt value stands for the sum of its field. */
export function sumOf(names: Names | undefined, hashes: readonly Fields[]): Fields {
  const sums = new Map<string, string>();
  for (const hash of hashes) {
    for (const [field, value] of hash) {
      const before = sums.get(field);
      if (before === undefined || isCorrupt(names, field, value)) sums.set(field, value);
      else if (!isCorrupt(names, field, before)) sums.set(field, addValues(before, value));
    }
  }
  return sums;
}

/** Adds the numbers of two values, a decimal or `<orders> <amount>`. */
function addValues(one: string, other: string): string {
  const others = other.split(' ');
  const sums = one.split(' ').map((number, index) => {
    const more = others[index] ?? '';
    const isAmount = number.includes('.');
    return isAmount ? formatUnits(storedOrZero(number) + storedOrZero(more)) : BigInt(number) + BigInt(more);
  });
  return sums.join(' ');
}

const storedOrZero = (amount: string): bigint => storedCents(amount) ?? 0n;

/** Whether a value is none that the field may hold. */
function isCorrupt(names: Names | undefined, field: string, value: string): boolean {
  if (field === names?.[0]) return !isCount(value);
  if (field === names?.[1]) return !isAmount(value);
  return storedTotal(value) === undefined;
}

/** The total of a month or a day as Redis holds it, `<orders> <amount>`. */
export function storedTotal(value: string): RecountedTotal | undefined {
  const [, orders = '', amount = ''] = /^(\d{1,16}) (\S+)$/.exec(value) ?? [];
  const cents = storedCents(amount);
  return cents === undefined ? undefined : { orders: Number(orders), cents };
}

/** Writes a total of a month or a day as Redis holds it. */
export const totalText = ({ orders, cents }: Readonly<RecountedTotal>): string => `${orders} ${formatUnits(cents)}`;

const isCount = (text: string): boolean => /^\d{1,16}$/.test(text);
const isAmount = (text: string): boolean => storedCents(text) !== undefined;

/** A key that is not of the type that it should be. */
export const wrongType = (key: string, type: string): Difference => ({
  key,
  field: 'type',
  expected: type,
  actual: `not a ${type}`,
  corrupt: true,
});

/** A value that is none that its field may hold. */
export const corruptValue = (key: string, field: string, expected: string | null, actual: string): Difference => ({
  key,
  field,
  expected,
  actual,
  corrupt: true,
});

/**
 * A key that is going to expire, as none of the totals may.
 *
 * @param time - when, in seconds since 1970; below 0 for a key that does not, or that is not there
 */
export const expiryOf = (key: string, time: number): Difference[] =>
  time < 0
    ? []
    : [{ key, field: 'expiry', expected: null, actual: new Date(time * 1000).toISOString(), corrupt: false }];

/** Whether the error of a command says that the key is of another type. */
export const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/** The differences of users by key; those of a key in their order. */
export const byKey = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
