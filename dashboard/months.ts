import type { MonthTotals, Period } from './api.ts';

/** The longest period that the API answers for. */
const PERIOD_MONTHS = 120;

/** Where {@link periods} has the one that ends this month. */
export const CURRENT = 1;

/** Months since January of year 0. */
export function toIndex(month: string): number {
  const [year, number] = month.split('-').map(Number);
  return (year ?? 0) * 12 + (number ?? 1) - 1;
}

/** The month of an index, `YYYY-MM`. */
export function toMonth(index: number): string {
  const year = `${Math.floor(index / 12)}`.padStart(4, '0');
  return `${year}-${`${(index % 12) + 1}`.padStart(2, '0')}`;
}

const FIRST = toIndex('1970-01');

/**
 * The periods to look at, latest first: one that begins after this month, as clocks of shops may be wrong, the one that
 * ends this month, and those before it back to 1970.
 */
export function periods(now: Date): Period[] {
  const result: Period[] = [];
  let to = toIndex(now.toISOString().slice(0, 7)) + PERIOD_MONTHS;
  for (; to >= FIRST; to -= PERIOD_MONTHS) {
    result.push({ from: toMonth(Math.max(FIRST, to - PERIOD_MONTHS + 1)), to: toMonth(to) });
  }
  return result;
}

/** All months from the first to the last one; those that are left out have no orders. */
export function withoutGaps(months: readonly MonthTotals[]): MonthTotals[] {
  const filled: MonthTotals[] = [];
  for (const month of months) {
    const index = toIndex(month.month);
    const last = filled.at(-1);
    for (let gap = last ? toIndex(last.month) + 1 : index; gap < index; gap++) {
      filled.push({ month: toMonth(gap), orders: 0, amount: 0 });
    }
    filled.push(month);
  }
  return filled;
}
