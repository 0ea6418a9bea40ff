import { globalMonth, globalStats, topUsers } from '../../lib/stats/keys.ts';
import { formatUnits, storedCents } from './decimal.ts';
import type { Total } from './recount.ts';

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
  readonly damaged: boolean;
};

/** Compares the fields of a hash, count and amount, with the total that is expected; undefined: none is. */
export function compareTotal(
  key: string,
  [countField, amountField]: readonly [string, string],
  [count, amount]: readonly [string | null, string | null],
  total: Readonly<Total> | undefined,
): Difference[] {
  const orders = total ? String(total.orders) : null;
  const cents = total ? formatUnits(total.cents) : null;
  // How both are usually written: no need to look any closer at a million totals.
  if (count === orders && amount === cents) return [];
  const found: Difference[] = [];
  const actualOrders = storedCount(count);
  if (orders === null || actualOrders !== BigInt(orders)) {
    const damaged = count !== null && actualOrders === undefined;
    found.push({ key, field: countField, expected: orders, actual: count, damaged });
  }
  const actualCents = amount === null ? undefined : storedCents(amount);
  if (!total || actualCents !== total.cents) {
    const damaged = amount !== null && actualCents === undefined;
    found.push({ key, field: amountField, expected: cents, actual: amount, damaged });
  }
  // A hash without these fields holds no total.
  return found.filter(({ expected, actual }) => expected !== null || actual !== null);
}

const storedCount = (text: string | null): bigint | undefined =>
  text !== null && /^\d{1,30}$/.test(text) ? BigInt(text) : undefined;

/** A key that is not of the type that it should be. */
export const wrongType = (key: string, type: string): Difference => ({
  key,
  field: 'type',
  expected: type,
  actual: `not a ${type}`,
  damaged: true,
});

/** The differences with the grand totals first, then months, leaderboard and users; each by key. */
export function sortDifferences(differences: readonly Difference[]): Difference[] {
  const month = globalMonth('');
  const rank = (key: string) => (key === globalStats ? 0 : key.startsWith(month) ? 1 : key === topUsers ? 2 : 3);
  const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return differences.toSorted((a, b) => rank(a.key) - rank(b.key) || compareText(a.key, b.key));
}
