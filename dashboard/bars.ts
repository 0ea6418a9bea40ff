import { toIndex, type Unit, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals, Totals } from './api.ts';
import { hasOrders, sumOf } from './series.ts';

/** A period, and the one that it is compared with. */
export type Compared = PeriodTotals & { readonly earlier?: PeriodTotals | undefined };

type Sum = Totals & { readonly from: string; readonly to: string };

/** What a bar shows: one period, or several together. Behind it may stand a bar of an earlier range. */
type Bar = Sum & { readonly earlier?: Sum | undefined };

/** Bars without orders, shown as one narrow gap. */
type Gap = { readonly gap: readonly Bar[] };

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
  series: readonly Compared[],
  isWideEnough: (entries: readonly Entry[]) => boolean,
): { readonly unit: string; readonly entries: readonly Entry[] } {
  const unit = unitOf(series[0]?.period ?? '');
  const ways = UNITS[unit].map(({ name, numberOf }) => ({ unit: name, entries: fold(together(series, numberOf)) }));
  return ways.find(({ entries }) => isWideEnough(entries)) ?? ways.at(-1) ?? { unit, entries: [] };
}

function together(series: readonly Compared[], numberOf: (index: number) => number): Bar[] {
  const groups = new Map<number, Compared[]>();
  for (const totals of series) {
    const number = numberOf(toIndex(totals.period));
    const group = groups.get(number);
    if (group) group.push(totals);
    else groups.set(number, [totals]);
  }
  return [...groups.values()].map((group) => {
    const earlier = group.flatMap(({ earlier }) => earlier ?? []);
    return { ...sumUp(group), earlier: earlier.length > 0 ? sumUp(earlier) : undefined };
  });
}

const sumUp = (series: readonly PeriodTotals[]): Sum => ({
  ...sumOf(series),
  from: series[0]?.period ?? '',
  to: series.at(-1)?.period ?? '',
});

function fold(bars: readonly Bar[]): Entry[] {
  const shown = Math.max(SHOWN, bars.length * SHOWN_SHARE);
  const folded: Entry[] = [];
  let run: Bar[] = [];
  const endRun = () => {
    if (run.length > shown) folded.push({ gap: run });
    else folded.push(...run);
    run = [];
  };
  for (const bar of bars) {
    if (!hasOrders(bar) && !(bar.earlier && hasOrders(bar.earlier))) {
      run.push(bar);
      continue;
    }
    endRun();
    folded.push(bar);
  }
  endRun();
  return folded;
}
