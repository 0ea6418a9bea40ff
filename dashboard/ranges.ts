import { addPeriods, lengthOf, MAX_PERIODS, type Range } from '../lib/stats/periods.ts';

/** What a range can be compared with. */
export type Earlier = 'before' | 'year';

/** So that each day is compared with the same day of the week. */
const DAYS_OF_A_YEAR = 52 * 7;

/** The range as long just before a range, or about a year before it. Undefined if it would begin before 1970. */
export function earlierThan(range: Range, earlier: Earlier): Range | undefined {
  const year = range.unit === 'day' ? DAYS_OF_A_YEAR : 12;
  const back = earlier === 'before' ? lengthOf(range) : year;
  const found = { ...range, from: addPeriods(range.from, -back), to: addPeriods(range.to, -back) };
  return found.from < '1970' ? undefined : found;
}

export const covers = (outer: Range, inner: Range): boolean =>
  outer.unit === inner.unit && outer.from <= inner.from && inner.to <= outer.to;

/** From the beginning of an earlier range to the end of a later one, if the API answers a range as long. */
export function joined(earlier: Range, later: Range): Range | undefined {
  const range = { ...later, from: earlier.from };
  return lengthOf(range) <= MAX_PERIODS[range.unit] ? range : undefined;
}
