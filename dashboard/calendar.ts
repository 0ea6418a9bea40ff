import { addPeriods, type Range, type Unit } from '../lib/stats/periods.ts';

export const monthOf = (period: string): string => period.slice(0, 'YYYY-MM'.length);

/** The month or the day that a day belongs to. */
export const currentPeriod = (unit: Unit, today: string): string => (unit === 'day' ? today : monthOf(today));

/** The last `count` days or months up to the current one. */
export function lastPeriods(unit: Unit, count: number, today: string): Range {
  const to = currentPeriod(unit, today);
  return { unit, from: addPeriods(to, 1 - count), to };
}
