import { currentPeriod, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { axisUpTo } from './axis.ts';
import { labelsOf, placeSlots, type Slot } from './chartSlots.ts';
import { svg } from './dom.ts';
import { formatPeriod, formatShortAmount, formatShortCount } from './format.ts';
import type { Gap } from './series.ts';

export type Picture = { readonly element: SVGElement; readonly slots: readonly Slot[] };

/** From top to bottom; sizes are in pixels. */
const PANELS = [
  { name: 'amount', top: 30, height: 140, intervals: 4, isWhole: false, format: formatShortAmount },
  { name: 'orders', top: 206, height: 70, intervals: 2, isWhole: true, format: formatShortCount },
] as const;
const BOTTOM = 276;
const HEIGHT = 306;
/** Margins: room for the marks of the axes, and for half of the last label. */
const LEFT = 58;
const RIGHT = 30;
const WIDEST_BAR = 44;
/** Width of a bar as a share of its slot. */
const BAR_SHARE = 0.72;

/** Draws bars for amounts, and bars for orders below them. @param amountName such as Revenue */
export function drawChart(
  entries: readonly (PeriodTotals | Gap)[],
  { width, today, amountName }: { width: number; today: string; amountName: string },
): Picture {
  const slots = placeSlots(entries, LEFT, width - RIGHT);
  const first = slots.flatMap(({ entry }) => ('gap' in entry ? entry.gap : [entry]))[0];
  const current = currentPeriod(unitOf(first?.period ?? today), today);
  const element = svg('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, 'aria-hidden': 'true' });
  for (const panel of PANELS) element.append(...drawPanel(panel, slots, { width, current, amountName }));
  for (const { entry, middle } of slots) if ('gap' in entry) element.append(drawGap(middle));
  element.append(...drawLabels(slots, current));
  return { element, slots };
}

function drawPanel(
  { name, top, height, intervals, isWhole, format }: (typeof PANELS)[number],
  slots: readonly Slot[],
  { width, current, amountName }: { width: number; current: string; amountName: string },
): SVGElement[] {
  const values = slots.map(({ entry }) => ('gap' in entry ? 0 : entry[name]));
  const axis = axisUpTo(Math.max(...values), intervals, isWhole);
  const y = (value: number) => top + height * (1 - value / axis.top);
  const title = svg('text', { class: 'panel', x: 0, y: top - 14 }, name === 'amount' ? amountName : 'Orders');
  const marks = axis.marks.flatMap((mark) => [
    svg('line', { class: mark === 0 ? 'base' : 'grid', x1: LEFT, x2: width, y1: y(mark), y2: y(mark) }),
    svg('text', { class: 'mark', x: LEFT - 10, y: y(mark) + 4 }, format(mark)),
  ]);
  const bars = slots.flatMap(({ entry, middle, width: room }, index) => {
    const value = values[index] ?? 0;
    if ('gap' in entry || value <= 0) return [];
    // At least one pixel, so that a single order is visible.
    const tall = Math.max(1, height * (value / axis.top));
    const wide = Math.min(room * BAR_SHARE, WIDEST_BAR);
    const kind = entry.period === current ? `${name} current` : name;
    return svg('path', { class: `bar ${kind}`, d: barPath(middle - wide / 2, top + height - tall, wide, tall) });
  });
  return [title, ...marks, ...bars];
}

/** A bar with rounded top corners. */
function barPath(x: number, y: number, width: number, height: number): string {
  const radius = Math.min(3, width / 2, height);
  const arc = (dx: number, dy: number) => `a${radius},${radius} 0 0 1 ${dx},${dy}`;
  return `M${x},${y + height}v${radius - height}${arc(radius, -radius)}h${width - 2 * radius}${arc(radius, radius)}v${height - radius}z`;
}

function drawGap(middle: number): SVGElement {
  const dots = PANELS.map(({ top, height }) => svg('text', { class: 'fold', x: middle, y: top + height - 6 }, '···'));
  return svg('g', {}, ...dots);
}

function drawLabels(slots: readonly Slot[], current: string): SVGElement[] {
  return labelsOf(slots, current).map(({ period, middle }) => {
    const isCurrent = period === current;
    const text = isCurrent && unitOf(period) === 'day' ? 'Today' : formatPeriod(period, 'short');
    return svg('text', { class: isCurrent ? 'label current' : 'label', x: middle, y: BOTTOM + 20 }, text);
  });
}
