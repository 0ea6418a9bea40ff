import type { RedisClient } from '../../lib/redis/client.ts';
import {
  GLOBAL_FIELDS,
  globalDays,
  globalStats,
  type Shard,
  shardsOf,
  type USER_FIELDS,
} from '../../lib/stats/keys.ts';
import type { Show } from '../shared/progress.ts';
import { compareLeaderboards } from './leaderboard.ts';
import type { RecountedTotal, RecountedTotals } from './recount.ts';
import { formatUnits, storedCents } from './recountedOrder.ts';
import { compareUsers } from './users.ts';

/**
 * Compares everything that Redis holds of orders with the recount, in both directions.
 *
 * @param show - called after every step
 * @returns differences of the grand totals and months, of days, leaderboard and users, in this order
 * @throws the error of Redis or of the connection
 */
export async function compareAll(redis: RedisClient, totals: RecountedTotals, show: Show): Promise<Difference[]> {
  const { all, months, days, users } = totals;
  return [
    ...(await compareGlobal(redis, globalStats, GLOBAL_FIELDS, fieldsOf(GLOBAL_FIELDS, all, months))),
    ...(await compareGlobal(redis, globalDays, undefined, fieldsOf(undefined, all, days))),
    ...(await compareLeaderboards(redis, users)),
    ...(await compareUsers(redis, users, show)),
  ];
}

/** Compares a hash that each shard has a part of. */
async function compareGlobal(
  redis: RedisClient,
  keyOf: (shard: Shard) => string,
  names: Names | undefined,
  expected: Fields,
): Promise<Difference[]> {
  const keys = shardsOf(redis).map(keyOf);
  const hashes = await Promise.all(keys.map((key) => readHash(redis, key)));
  const wrong = keys.flatMap((key, index) => (hashes[index] ? [] : [wrongType(key, 'hash')]));
  if (wrong.length > 0) return wrong;
  return compareHash(
    keyOf(''),
    names,
    expected,
    sumOf(
      names,
      hashes.flatMap((hash) => hash ?? []),
    ),
  );
}

/** Undefined where the key holds something else. */
async function readHash(redis: RedisClient, key: string): Promise<Fields | undefined> {
  try {
    return new Map(Object.entries(await redis.hgetall(key)));
  } catch (error) {
    if (isWrongType(error)) return undefined;
    throw error;
  }
}

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
  for (const [part, { orders, cents }] of parts) fields.set(part, `${orders} ${formatUnits(cents)}`);
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
function sumOf(names: Names | undefined, hashes: readonly Fields[]): Fields {
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
  const space = value.indexOf(' ');
  return !isCount(value.slice(0, Math.max(space, 0))) || !isAmount(value.slice(space + 1));
}

const isCount = (text: string): boolean => /^\d{1,16}$/.test(text);
const isAmount = (text: string): boolean => storedCents(text) !== undefined;

/** A value in Redis that is not what the recount expects. */
export type Difference = {
  readonly key: string;
  /** Field of the hash, or member of the leaderboard; `type` when the key holds something else altogether. */
  readonly field: string;
  /** The value that should be there; null when there should be none. */
  readonly expected: string | null;
  /** The value as it is; null when there is none. */
  readonly actual: string | null;
  /** Whether the value is not even a number of its kind, e.g. an amount with 3 decimals. */
  readonly corrupt: boolean;
};

/** A key that is not of the type that it should be. */
export const wrongType = (key: string, type: string): Difference => ({
  key,
  field: 'type',
  expected: type,
  actual: `not a ${type}`,
  corrupt: true,
});

/** Whether the error of a command says that the key is of another type. */
export const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/** The differences of users by key; those of a key in their order. */
export const byKey = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
