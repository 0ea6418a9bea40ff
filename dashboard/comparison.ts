import type { PeriodTotals, Totals } from './api.ts';
import { formatPercent } from './format.ts';
import { sumOf } from './series.ts';

/** Two sums over equally long times, and their course. */
export type Comparison = {
  readonly now: Totals;
  readonly before: Totals;
  readonly line: { readonly now: readonly Totals[]; readonly before: readonly Totals[] };
};

/** A day so far against the day before, as far as whole hours go. */
export type DayComparison = Comparison & {
  /** The hour of the day, or undefined in the first one. */
  readonly until: number | undefined;
};

const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}`.padStart(2, '0'));

/** Compares the last `count` days before today with as many before them. @param days every day up to today */
export function compareDays(days: readonly PeriodTotals[], count: number): Comparison {
  const [now, before] = [days.slice(-count - 1, -1), days.slice(-2 * count - 1, -count - 1)];
  return { now: sumOf(now), before: sumOf(before), line: { now, before } };
}

/**
 * Compares today with yesterday up to the last full hour, because of the current hour of yesterday it is not known what came
 * in its first minutes. Lines add up over the hours of the day; yesterday's goes on to midnight.
 *
 * @param hours every hour of both days up to the current one, such as `2026-11-30T10`
 */
export function compareHours(hours: readonly PeriodTotals[], today: string, yesterday: string): DayComparison {
  const byHour = new Map(hours.map((totals) => [totals.period, totals]));
  const at = Number(hours.at(-1)?.period.slice('YYYY-MM-DDT'.length) ?? 0);
  const of = (day: string, names: readonly string[]) => names.flatMap((hour) => byHour.get(`${day}T${hour}`) ?? []);
  const whole = HOURS.slice(0, at);
  return {
    until: at > 0 ? at : undefined,
    now: sumOf(of(today, whole)),
    before: sumOf(of(yesterday, whole)),
    line: {
      now: runningSums(whole.map((hour) => of(today, [hour]))),
      before: runningSums(HOURS.map((hour) => of(yesterday, [hour]))),
    },
  };
}

/** From 0 on. On the day when summer time begins, one hour is missing. */
const runningSums = (hours: readonly (readonly PeriodTotals[])[]): Totals[] =>
  Array.from({ length: hours.length + 1 }, (_, count) => sumOf(hours.slice(0, count).flat()));

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
