import { currentPeriod, unitOf } from '../lib/stats/periods.ts';
import { axisUpTo } from './axis.ts';
import type { Entry } from './bars.ts';
import { labelsOf, placeSlots, type Slot } from './chartSlots.ts';
import { svg } from './dom.ts';
import { formatPeriod, formatShortAmount, formatShortCount } from './format.ts';

export type Picture = { readonly element: SVGElement; readonly slots: readonly Slot[] };

/** From top to bottom; sizes are in units of the picture, which are pixels unless the visitor has chosen larger text. */
const PANELS = [
  { name: 'amount', top: 30, height: 140, intervals: 4, smallest: 0.01, format: formatShortAmount },
  { name: 'orders', top: 206, height: 70, intervals: 2, smallest: 1, format: formatShortCount },
] as const;
const BOTTOM = 276;
export const HEIGHT = 306;
/** Margins: room for the marks of the axes, and for half of the last label. */
const LEFT = 58;
const RIGHT = 30;
const WIDTH_OF_DIGIT = 7;
const MARK_DISTANCE = 10;
const WIDEST_BAR = 44;
const THINNEST_BAR = 2;
/** Width of a bar as a share of its slot. */
const BAR_SHARE = 0.72;
/** A bar behind another one is wider. */
const WIDEST_EARLIER = 56;
const EARLIER_SHARE = 0.94;

/** Whether bars would not be too thin. */
export const isWideEnough = (entries: readonly Entry[], width: number): boolean =>
  placeSlots(entries, LEFT, width - RIGHT).every((slot) => slot.width * BAR_SHARE >= THINNEST_BAR);

/** Draws bars for amounts, and bars for orders below them. @param amountName such as Revenue */
export function drawChart(
  entries: readonly Entry[],
  { width, today, amountName }: { width: number; today: string; amountName: string },
): Picture {
  const panels = PANELS.map((panel) => withAxis(panel, entries));
  const left = Math.max(LEFT, ...panels.map(({ room }) => room));
  const slots = placeSlots(entries, left, width - RIGHT);
  const [first] = slots.flatMap(({ entry }) => ('gap' in entry ? entry.gap : [entry]));
  const current = currentPeriod(unitOf(first?.from ?? today), today);
  const element = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, 'aria-hidden': 'true' });
  for (const panel of panels) element.append(...drawPanel(panel, slots, { left, width, current, amountName }));
  for (const { entry, middle } of slots) if ('gap' in entry) element.append(drawGap(middle));
  element.append(...drawLabels(slots, current));
  return { element, slots };
}

type Panel = ReturnType<typeof withAxis>;

function withAxis(panel: (typeof PANELS)[number], entries: readonly Entry[]) {
  const values = entries.map((entry) => ('gap' in entry ? 0 : entry[panel.name]));
  const earlier = entries.map((entry) => ('gap' in entry ? 0 : (entry.earlier?.[panel.name] ?? 0)));
  const axis = axisUpTo(Math.max(...values, ...earlier), panel.intervals, panel.smallest);
  const marks = axis.marks.map((value) => ({ value, text: panel.format(value) }));
  const room = Math.max(...marks.map(({ text }) => text.length)) * WIDTH_OF_DIGIT + MARK_DISTANCE;
  return { ...panel, values, earlier, marks, room, axisTop: axis.top };
}

function drawPanel(
  { name, top, height, values, earlier, marks, axisTop }: Panel,
  slots: readonly Slot[],
  { left, width, current, amountName }: { left: number; width: number; current: string; amountName: string },
): SVGElement[] {
  const y = (value: number) => top + height * (1 - value / axisTop);
  const title = svg('text', { class: 'panel', x: 0, y: top - 14 }, name === 'amount' ? amountName : 'Orders');
  const lines = marks.flatMap(({ value, text }) => [
    svg('line', { class: value === 0 ? 'base' : 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }),
    svg('text', { class: 'mark', x: left - MARK_DISTANCE, y: y(value) + 4 }, text),
  ]);
  const bar = (kind: string, value: number, middle: number, wide: number) => {
    // At least one pixel, so that a single order is visible.
    const tall = Math.max(1, height * (value / axisTop));
    const d = barPath(middle - wide / 2, top + height - tall, wide, tall);
    return value > 0 ? [svg('path', { class: kind, d })] : [];
  };
  const bars = slots.flatMap(({ entry, middle, width: room }, index) => {
    if ('gap' in entry) return [];
    const kind = entry.from <= current && current <= entry.to ? `${name} current` : name;
    return [
      ...bar('earlier', earlier[index] ?? 0, middle, Math.min(room * EARLIER_SHARE, WIDEST_EARLIER)),
      ...bar(`bar ${kind}`, values[index] ?? 0, middle, Math.min(room * BAR_SHARE, WIDEST_BAR)),
    ];
  });
  return [title, ...lines, ...bars];
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
