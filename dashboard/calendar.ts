/** Periods are days, `YYYY-MM-DD`, or months, `YYYY-MM`, in the time zone of the stage. */
export type Unit = 'day' | 'month';

/** Periods of one unit, first and last included. */
export type Range = { readonly unit: Unit; readonly from: string; readonly to: string };

/** The most periods that the API answers for at once. */
export const MAX_PERIODS: Readonly<Record<Unit, number>> = { day: 366, month: 120 };

const DAY_MS = 86_400_000;

export const unitOf = (period: string): Unit => (period.length === 'YYYY-MM'.length ? 'month' : 'day');

/** Days since 1970, or months since the year 0: neighbours differ by one, whatever the clocks do on a day. */
export function toIndex(period: string): number {
  if (unitOf(period) === 'day') return Date.parse(period) / DAY_MS;
  const [year = 0, month = 1] = period.split('-').map(Number);
  return year * 12 + month - 1;
}

/** What {@link toIndex} has this number for. */
function toPeriod(unit: Unit, index: number): string {
  if (unit === 'day') return new Date(index * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const year = `${Math.floor(index / 12)}`.padStart(4, '0');
  return `${year}-${`${(index % 12) + 1}`.padStart(2, '0')}`;
}

/** The period so many later, or earlier where the number is negative. */
export const addPeriods = (period: string, count: number): string => toPeriod(unitOf(period), toIndex(period) + count);

export const monthOf = (period: string): string => period.slice(0, 'YYYY-MM'.length);

/** How many periods there are from one to another, both included. */
export const lengthOf = ({ from, to }: Range): number => toIndex(to) - toIndex(from) + 1;

/** Every period of a range, in order. */
export function periodsOf(range: Range): string[] {
  const first = toIndex(range.from);
  return Array.from({ length: lengthOf(range) }, (_, offset) => toPeriod(range.unit, first + offset));
}

/** The last so many days or months, up to the one that `today` is in. */
export function lastPeriods(unit: Unit, count: number, today: string): Range {
  const to = unit === 'day' ? today : monthOf(today);
  return { unit, from: addPeriods(to, 1 - count), to };
}

/** The period of a unit that it is on a day. */
export const currentPeriod = (unit: Unit, today: string): string => (unit === 'day' ? today : monthOf(today));

const PERIOD = /^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])(-\d\d)?$/;

/** Whether it is a day or a month that the API knows, from 1970 to 9999. */
export function isPeriod(text: string): boolean {
  if (!PERIOD.test(text) || Number.isNaN(Date.parse(text))) return false;
  // Not the 31st of a month with 30 days, which would become another day.
  return toPeriod(unitOf(text), toIndex(text)) === text;
}

/**
 * The day that it is somewhere, `YYYY-MM-DD`.
 *
 * @param timeZone IANA name
 */
export function dayIn(timeZone: string, now: Date): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const parts = new Map<string, string>(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return ['year', 'month', 'day'].map((type) => parts.get(type)).join('-');
}
