/** What a range is made of: months, as `YYYY-MM`, or days, as `YYYY-MM-DD`. */
export type Unit = 'month' | 'day';

/** Months or days from one to another, both included. */
export type Range = { readonly unit: Unit; readonly from: string; readonly to: string };

/** How many months, or days, a range has at most. */
export const MOST: Readonly<Record<Unit, number>> = { month: 120, day: 366 };

/** What the timestamp of an order may lie in. */
const EVER: Readonly<Record<Unit, readonly [first: string, last: string]>> = {
  month: ['1970-01', '9999-12'],
  day: ['1970-01-01', '9999-12-31'],
};

const DAY_MS = 86_400_000;

/** What a month or a day is, by how it is written. */
const unitOf = (period: string): Unit => (period.length === '1970-01'.length ? 'month' : 'day');

/**
 * The range between two months, or two days, of which either may be left out: it then has as many as a range may have.
 *
 * @param from of the same unit as `to`, and not after it
 * @returns undefined when both are left out
 */
export function rangeOf(from: string | undefined, to: string | undefined): Range | undefined {
  const given = from ?? to;
  if (given === undefined) return undefined;
  const unit = unitOf(given);
  const [first, last] = EVER[unit];
  const others = MOST[unit] - 1;
  return {
    unit,
    from: from ?? nameOf(unit, Math.max(numberOf(unit, given) - others, numberOf(unit, first))),
    to: to ?? nameOf(unit, Math.min(numberOf(unit, given) + others, numberOf(unit, last))),
  };
}

/** How many months or days a range has. */
export const lengthOf = ({ unit, from, to }: Range): number => numberOf(unit, to) - numberOf(unit, from) + 1;

/** Every month or day of a range, in order. */
export function periodsOf(range: Range): string[] {
  const first = numberOf(range.unit, range.from);
  return Array.from({ length: lengthOf(range) }, (_, index) => nameOf(range.unit, first + index));
}

/** Months since the beginning of the year 0, or days since 1970. */
function numberOf(unit: Unit, period: string): number {
  if (unit === 'day') return Date.parse(period) / DAY_MS;
  return Number(period.slice(0, 4)) * 12 + Number(period.slice(5)) - 1;
}

function nameOf(unit: Unit, number: number): string {
  if (unit === 'day') return new Date(number * DAY_MS).toISOString().slice(0, 10);
  return `${Math.floor(number / 12)}-${((number % 12) + 1).toString().padStart(2, '0')}`;
}
