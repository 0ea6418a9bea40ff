import { toIndex, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { pickLabels } from './axis.ts';
import type { Gap } from './series.ts';

/** Position of a period, or of a gap, in pixels. */
export type Slot = {
  readonly entry: PeriodTotals | Gap;
  readonly left: number;
  readonly width: number;
  readonly middle: number;
};

export type Label = { readonly period: string; readonly middle: number };

const GAP_WIDTH = 28;
/** Width of a label with space around it. */
const LABEL_ROOM = 74;

/** Distances between labels, in periods. Months repeat every year, and include January if possible. */
const EVERY = { day: [1, 2, 7, 14, 28, 56, 112], month: [1, 2, 3, 6, 12, 24, 60] };

/** Spreads periods evenly between two positions. Gaps are narrow. */
export function placeSlots(entries: readonly (PeriodTotals | Gap)[], from: number, to: number): Slot[] {
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
  const labels: Label[] = [];
  let width = 0;
  for (const { entry, middle, width: own } of slots) {
    if ('gap' in entry) continue;
    labels.push({ period: entry.period, middle });
    width = own;
  }
  const last = labels.at(-1);
  if (!last) return [];
  const unit = unitOf(last.period);
  const every = EVERY[unit].find((count) => count * width >= LABEL_ROOM) ?? 1;
  // Days count back from the last one, months from January.
  const origin = unit === 'day' ? toIndex(last.period) : 0;
  const all = [...labels.keys()];
  const wanted = [
    ...all.filter((index) => labels[index]?.period === current),
    ...all.filter((index) => (toIndex(labels[index]?.period ?? current) - origin) % every === 0),
    0,
    labels.length - 1,
  ];
  const picked = pickLabels(
    labels.map(({ middle }) => middle),
    wanted,
    LABEL_ROOM,
  );
  return picked.flatMap((index) => labels[index] ?? []);
}
