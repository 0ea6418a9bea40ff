import { periodsOf, type Range } from '../lib/stats/periods.ts';
import type { PeriodTotals, Totals } from './api.ts';

/** Periods without orders, shown as one narrow gap. */
export type Gap = { readonly gap: readonly PeriodTotals[] };

/** Longest run of empty periods that is not folded: this number of periods, or this share of the range if it is more. */
const SHOWN = 10;
const SHOWN_SHARE = 1 / 8;

/** Every period of a range. The API leaves out the empty ones. */
export function withoutHoles(range: Range, known: readonly PeriodTotals[]): PeriodTotals[] {
  const byPeriod = new Map(known.map((totals) => [totals.period, totals]));
  return periodsOf(range).map((period) => byPeriod.get(period) ?? { period, orders: 0, amount: 0 });
}

export function fold(series: readonly PeriodTotals[]): (PeriodTotals | Gap)[] {
  const shown = Math.max(SHOWN, series.length * SHOWN_SHARE);
  const folded: (PeriodTotals | Gap)[] = [];
  let run: PeriodTotals[] = [];
  const endRun = () => {
    if (run.length > shown) folded.push({ gap: run });
    else folded.push(...run);
    run = [];
  };
  for (const totals of series) {
    if (totals.orders === 0 && totals.amount === 0) {
      run.push(totals);
      continue;
    }
    endRun();
    folded.push(totals);
  }
  endRun();
  return folded;
}

export function sumOf(series: readonly PeriodTotals[]): Totals {
  const orders = series.reduce((sum, totals) => sum + totals.orders, 0);
  // In cents, so that rounding errors do not add up.
  const cents = series.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
  return { orders, amount: cents / 100 };
}
