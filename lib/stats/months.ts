/** Months from one to another, both included, as `YYYY-MM`. */
export type MonthRange = { readonly from: string; readonly to: string };

/** Months at most in a range. */
export const MAX_MONTHS = 120;

/** The years that the timestamp of an order may have. */
const FIRST = monthNumber('1970-01');
const LAST = monthNumber('9999-12');

/**
 * The range between two months, of which either may be left out: it then has as many months as a range may have.
 *
 * @param from `YYYY-MM`, not after `to`
 * @returns undefined when both are left out
 */
export function monthRange(from: string | undefined, to: string | undefined): MonthRange | undefined {
  if (from !== undefined) return { from, to: to ?? monthName(Math.min(monthNumber(from) + MAX_MONTHS - 1, LAST)) };
  if (to !== undefined) return { from: monthName(Math.max(monthNumber(to) - MAX_MONTHS + 1, FIRST)), to };
  return undefined;
}

/** How many months a range has. */
export const countMonths = ({ from, to }: MonthRange): number => monthNumber(to) - monthNumber(from) + 1;

/** Every month of a range, in order. */
export function monthsOf(range: MonthRange): string[] {
  const first = monthNumber(range.from);
  return Array.from({ length: countMonths(range) }, (_, index) => monthName(first + index));
}

/** Months since the beginning of the year 0. */
function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
}

const monthName = (number: number): string =>
  `${Math.floor(number / 12)}-${((number % 12) + 1).toString().padStart(2, '0')}`;
