import { type Range, unitOf } from '../lib/stats/periods.ts';
import type { Figures, PeriodTotals, Totals } from './api.ts';

export function sumOf(series: readonly PeriodTotals[]): Totals {
  const orders = series.reduce((sum, totals) => sum + totals.orders, 0);
  // In cents, so that rounding errors do not add up.
  const cents = series.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
  return { orders, amount: cents / 100 };
}

export const hasOrders = ({ orders, amount }: Totals): boolean => orders !== 0 || amount !== 0;

export const within = (series: readonly PeriodTotals[], { from, to }: Pick<Range, 'from' | 'to'>): PeriodTotals[] =>
  series.filter(({ period }) => from <= period && period <= to);

/** @param series of days or months, without holes */
export function rangeOfSeries(series: readonly PeriodTotals[]): Range {
  const [from, to] = [series.at(0)?.period ?? '', series.at(-1)?.period ?? ''];
  return { unit: unitOf(from), from, to };
}

/** Today in the time zone of the stage. */
export const todayOf = ({ days }: Pick<Figures, 'days'>): string => days.at(-1)?.period ?? '';
