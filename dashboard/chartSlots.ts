import { monthOf, periodsOf, toIndex, unitOf } from '../lib/stats/periods.ts';
import { pickLabels } from './axis.ts';
import type { Entry } from './bars.ts';

/** Position of a bar, or of a gap. */
export type Slot = {
  readonly entry: Entry;
  readonly left: number;
  readonly width: number;
  readonly middle: number;
};

export type Label = { readonly period: string; readonly middle: number };

const GAP_WIDTH = 28;
/** Width of a label with space around it. */
const LABEL_ROOM = 74;

/** Distances between labels in days, and in months. Months repeat every year, and include January if possible. */
const DAYS = [1, 2, 7];
const MONTHS = [1, 2, 3, 6, 12, 24, 60];
/** More days than this are labelled at the beginning of months. */
const MOST_DAYS = 62;

/** Spreads bars evenly between two positions. Gaps are narrow. */
export function placeSlots(entries: readonly Entry[], from: number, to: number): Slot[] {
  const gaps = entries.filter((entry) => 'gap' in entry).length;
  const width = Math.max(0, to - from - gaps * GAP_WIDTH) / Math.max(1, entries.length - gaps);
  let left = from;
  return entries.map((entry) => {
    const own = 'gap' in entry ? GAP_WIDTH : width;
    const slot = { entry, left, width: own, middle: left + own / 2 };
    left += own;
    return slot;
  });
}

/** In order of priority: the current period, periods at regular distances, both ends. */
export function labelsOf(slots: readonly Slot[], current: string): Label[] {
  const bars = slots.flatMap(({ entry, ...place }) => ('gap' in entry ? [] : { ...entry, ...place }));
  const periods = bars.flatMap(({ from, to, middle }) =>
    periodsOf({ unit: unitOf(from), from, to }).map((period) => ({ period, middle })),
  );
  const [first, last] = [periods.at(0), periods.at(-1)];
  if (!first || !last) return [];
  const room = bars.reduce((sum, { width }) => sum + width, 0) / periods.length;
  const nameOf = regularName(last.period, room, periods.length);
  const wanted = [
    ...periods.filter(({ period }) => period === current),
    ...periods.flatMap(({ period, middle }) => {
      const name = nameOf(period);
      return name === undefined ? [] : { period: name, middle };
    }),
    first,
    last,
  ];
  return pickLabels(wanted, LABEL_ROOM);
}

/**
 * Decides which periods get a label, and of which period: the first day of a month may get that of the month.
 *
 * @param room of one period
 */
function regularName(last: string, room: number, count: number): (period: string) => string | undefined {
  const fits = (periods: number) => periods * room >= LABEL_ROOM;
  if (unitOf(last) === 'month') {
    const every = MONTHS.find(fits) ?? 1;
    return (month) => (toIndex(month) % every === 0 ? month : undefined);
  }
  const days = count > MOST_DAYS ? undefined : DAYS.find(fits);
  if (days !== undefined) return (day) => ((toIndex(last) - toIndex(day)) % days === 0 ? day : undefined);
  const every = MONTHS.find((months) => fits(months * 30)) ?? 1;
  return (day) => (day.endsWith('-01') && toIndex(monthOf(day)) % every === 0 ? monthOf(day) : undefined);
}
