import type { PeriodTotals, Totals } from './api.ts';
import { formatPercent } from './format.ts';
import { sumOf } from './series.ts';

/** The last days, and as many days before them. */
export type Comparison = {
  readonly now: Totals & { readonly days: readonly PeriodTotals[] };
  readonly before: Totals & { readonly days: readonly PeriodTotals[] };
};

/** @param series every day up to today, at least twice as many as `days` */
export function compare(series: readonly PeriodTotals[], days: number): Comparison {
  const [now, before] = [series.slice(-days), series.slice(-2 * days, -days)];
  return { now: { ...sumOf(now), days: now }, before: { ...sumOf(before), days: before } };
}

/** The change as `↑ 12%` and in words; undefined if there was nothing before. */
export function describeChange(
  now: number,
  before: number,
): { readonly text: string; readonly spoken: string } | undefined {
  if (before === 0) return undefined;
  const share = now / before - 1;
  const percent = formatPercent(Math.abs(share));
  if (percent === formatPercent(0)) return { text: `± ${percent}`, spoken: 'no change' };
  return share > 0
    ? { text: `↑ ${percent}`, spoken: `up ${percent}` }
    : { text: `↓ ${percent}`, spoken: `down ${percent}` };
}
