/** A period is a month, `YYYY-MM`, or a day, `YYYY-MM-DD`, in the time zone of the stage. */
export type Unit = 'month' | 'day';

/** Periods of one unit, both ends included. */
export type Range = { readonly unit: Unit; readonly from: string; readonly to: string };

/** The longest range that the API answers. */
export const MAX_PERIODS: Readonly<Record<Unit, number>> = { month: 120, day: 366 };

/** The first period that the timestamp of an order may lie in. */
const FIRST: Readonly<Record<Unit, string>> = { month: '1970-01', day: '1970-01-01' };

const DAY_MS = 86_400_000;
const PERIOD = /^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])(-\d\d)?$/;

export const unitOf = (period: string): Unit => (period.length === 'YYYY-MM'.length ? 'month' : 'day');

/** Whether a text is a month or a day of the calendar, from 1970 to 9999. */
export function isPeriod(text: string): boolean {
  if (!PERIOD.test(text) || Number.isNaN(Date.parse(text))) return false;
  // Date.parse takes February 30 for March 1.
  return toPeriod(unitOf(text), toIndex(text)) === text;
}

/** Months since the year 0, or days since 1970. */
export function toIndex(period: string): number {
  if (unitOf(period) === 'day') return Date.parse(period) / DAY_MS;
  return Number(period.slice(0, 4)) * 12 + Number(period.slice(5)) - 1;
}

function toPeriod(unit: Unit, index: number): string {
  if (unit === 'day') return new Date(index * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
  return `${Math.floor(index / 12)}-${((index % 12) + 1).toString().padStart(2, '0')}`;
}

/** The period `count` later, or earlier if `count` is negative. */
export const addPeriods = (period: string, count: number): string => toPeriod(unitOf(period), toIndex(period) + count);

export const monthOf = (period: string): string => period.slice(0, 'YYYY-MM'.length);

/** The month or the day that a day belongs to. */
export const currentPeriod = (unit: Unit, today: string): string => (unit === 'day' ? today : monthOf(today));

/** The last `count` months or days up to the current one. */
export function lastPeriods(unit: Unit, count: number, today: string): Range {
  const to = currentPeriod(unit, today);
  return { unit, from: addPeriods(to, 1 - count), to };
}

/**
 * The range between two months or two days. Without an end it ends now, or with its start if that is later. Without a start
 * it is as long as the API allows.
 *
 * @param from of the same unit as `to`, and not after it
 * @param today the current day
 * @returns undefined when both are left out
 */
export function rangeOf(from: string | undefined, to: string | undefined, today: string): Range | undefined {
  const given = from ?? to;
  if (given === undefined) return undefined;
  const unit = unitOf(given);
  const earliest = Math.max(toIndex(given) - MAX_PERIODS[unit] + 1, toIndex(FIRST[unit]));
  const latest = Math.max(toIndex(given), toIndex(currentPeriod(unit, today)));
  return { unit, from: from ?? toPeriod(unit, earliest), to: to ?? toPeriod(unit, latest) };
}

/** Number of periods in a range. */
export const lengthOf = ({ from, to }: Range): number => toIndex(to) - toIndex(from) + 1;

/** Every period of a range, in order. */
export function periodsOf(range: Range): string[] {
  const first = toIndex(range.from);
  return Array.from({ length: lengthOf(range) }, (_, offset) => toPeriod(range.unit, first + offset));
}
