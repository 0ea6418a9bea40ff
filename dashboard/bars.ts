import { toIndex, type Unit, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals, Totals } from './api.ts';
import { sumOf } from './series.ts';

/** What a bar shows: one period, or several together. */
export type Bar = Totals & { readonly from: string; readonly to: string };

/** Bars without orders, shown as one narrow gap. */
export type Gap = { readonly gap: readonly Bar[] };

export type Entry = Bar | Gap;

/** What a bar may stand for, the shortest first, with its number. Weeks begin on Monday. */
const UNITS: Readonly<
  Record<Unit, readonly { readonly name: string; readonly numberOf: (index: number) => number }[]>
> = {
  day: [
    { name: 'day', numberOf: (day) => day },
    { name: 'week', numberOf: (day) => Math.floor((day + 3) / 7) },
  ],
  month: [
    { name: 'month', numberOf: (month) => month },
    { name: 'quarter', numberOf: (month) => Math.floor(month / 3) },
    { name: 'year', numberOf: (month) => Math.floor(month / 12) },
  ],
};

/** Longest run of empty bars that is not folded: this number of bars, or this share of all if it is more. */
const SHOWN = 10;
const SHOWN_SHARE = 1 / 8;

/**
 * A bar for each period or, if they would be too thin, for each week, quarter or year.
 *
 * @param series without holes
 * @returns the name of the unit too
 */
export function barsOf(
  series: readonly PeriodTotals[],
  isWideEnough: (entries: readonly Entry[]) => boolean,
): { readonly unit: string; readonly entries: readonly Entry[] } {
  const unit = unitOf(series[0]?.period ?? '');
  const ways = UNITS[unit].map(({ name, numberOf }) => ({ unit: name, entries: fold(together(series, numberOf)) }));
  return ways.find(({ entries }) => isWideEnough(entries)) ?? ways.at(-1) ?? { unit, entries: [] };
}

function together(series: readonly PeriodTotals[], numberOf: (index: number) => number): Bar[] {
  const groups = new Map<number, PeriodTotals[]>();
  for (const totals of series) {
    const number = numberOf(toIndex(totals.period));
    const group = groups.get(number);
    if (group) group.push(totals);
    else groups.set(number, [totals]);
  }
  return [...groups.values()].map((group) => {
    const [from, to] = [group[0]?.period ?? '', group.at(-1)?.period ?? ''];
    return { ...sumOf(group), from, to };
  });
}

export function fold(bars: readonly Bar[]): Entry[] {
  const shown = Math.max(SHOWN, bars.length * SHOWN_SHARE);
  const folded: Entry[] = [];
  let run: Bar[] = [];
  const endRun = () => {
    if (run.length > shown) folded.push({ gap: run });
    else folded.push(...run);
    run = [];
  };
  for (const bar of bars) {
    if (bar.orders === 0 && bar.amount === 0) {
      run.push(bar);
      continue;
    }
    endRun();
    folded.push(bar);
  }
  endRun();
  return folded;
}
