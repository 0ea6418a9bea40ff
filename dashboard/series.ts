import { periodsOf, type Range } from '../lib/stats/periods.ts';
import type { PeriodTotals, Totals } from './api.ts';

/** Every period of a range. The API leaves out the empty ones. */
export function withoutHoles(range: Range, known: readonly PeriodTotals[]): PeriodTotals[] {
  const byPeriod = new Map(known.map((totals) => [totals.period, totals]));
  return periodsOf(range).map((period) => byPeriod.get(period) ?? { period, orders: 0, amount: 0 });
}

export function sumOf(series: readonly PeriodTotals[]): Totals {
  const orders = series.reduce((sum, totals) => sum + totals.orders, 0);
  // In cents, so that rounding errors do not add up.
  const cents = series.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
  return { orders, amount: cents / 100 };
}
