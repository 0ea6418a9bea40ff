import uPlot from 'uplot';
import type { MonthTotals } from './api.ts';
import { formatShort, formatShortMonth } from './format.ts';
import { toIndex, toMonth } from './months.ts';

/** What a chart shows of the months, and how. */
export type ChartOptions = {
  readonly value: (month: MonthTotals) => number;
  /** Custom property of CSS with the colour of the bars. */
  readonly color: string;
  /** Distances that marks of the y axis may have; by default any. */
  readonly steps?: number[];
  /** Whether it names the months, or leaves that to the chart beneath it. */
  readonly hasMonthNames: boolean;
  /** Name shared by charts whose cursors move together. */
  readonly group: string;
  /** Told which month the cursor is at, if any. */
  readonly onPoint: (index: number | undefined) => void;
};

/** Whole numbers. */
export const WHOLE_STEPS = Array.from({ length: 13 }, (_, exponent) => [1, 2, 5].map((n) => n * 10 ** exponent)).flat();

/** Distances that marks of the x axis may have, in months: they fall on the same months each year, on January if on one. */
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];

/** Room for the first and the last bar, in months: half of a bar is beside its month. */
const MARGIN = 0.6;
/** Room for half of the last month's name. */
const MARGIN_RIGHT = 28;

const PLOT_HEIGHT = 120;
const MONTH_NAMES_HEIGHT = 30;
const AXIS_WIDTH = 56;

const darkMode = matchMedia('(prefers-color-scheme: dark)');

/** Bars, one a month. */
export class Chart {
  readonly #plot: uPlot;

  constructor(
    private readonly element: HTMLElement,
    private readonly options: ChartOptions,
  ) {
    const { color: barColor, steps, hasMonthNames, group, onPoint } = options;
    const size = () => ({
      width: element.clientWidth,
      height: PLOT_HEIGHT + (hasMonthNames ? MONTH_NAMES_HEIGHT : 0),
    });
    // Asked for anew at every drawing, as the colours differ in the dark.
    const color = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
    const grid = { stroke: color('--line'), width: 1 };
    this.#plot = new uPlot(
      {
        ...size(),
        legend: { show: false },
        padding: [10, MARGIN_RIGHT, hasMonthNames ? 0 : 8, 0],
        cursor: { drag: { x: false, y: false }, y: false, points: { show: false }, sync: { key: group } },
        scales: {
          // Months by number, not as times: bars then stand evenly, however many days a month has.
          x: { time: false, range: (_, first, last) => [first - MARGIN, last + MARGIN] },
          y: { range: (_, __, highest) => [0, highest > 0 ? highest * 1.05 : 1] },
        },
        axes: [
          {
            stroke: color('--muted'),
            grid: { show: false },
            ticks: { show: hasMonthNames, stroke: color('--line'), width: 1, size: 5 },
            size: hasMonthNames ? MONTH_NAMES_HEIGHT : 0,
            space: 90,
            incrs: MONTH_STEPS,
            values: (_, marks) => (hasMonthNames ? marks.map((mark) => formatShortMonth(toMonth(mark))) : []),
            font: AXIS_FONT,
          },
          {
            stroke: color('--muted'),
            grid,
            ticks: { show: false },
            size: AXIS_WIDTH,
            space: 30,
            values: (_, marks) => marks.map(formatShort),
            font: AXIS_FONT,
            ...(steps && { incrs: steps }),
          },
        ],
        series: [{}, { fill: color(barColor), width: 0, points: { show: false }, paths: barPaths() }],
        hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
      },
      [[], []],
      element,
    );
    new ResizeObserver(() => this.#plot.setSize(size())).observe(element);
    darkMode.addEventListener('change', () => this.#plot.redraw());
  }

  /** @param description what it says, for those who do not see it */
  show(months: readonly MonthTotals[], description: string): void {
    this.element.setAttribute('aria-label', description);
    this.#plot.setData([months.map(({ month }) => toIndex(month)), months.map(this.options.value)]);
  }
}

const AXIS_FONT = '12px system-ui, sans-serif';
const WIDEST_BAR = 56;

function barPaths(): uPlot.Series.PathBuilder {
  if (!uPlot.paths.bars) throw new Error('uPlot was built without bars');
  return uPlot.paths.bars({ size: [0.75, WIDEST_BAR], radius: 0.08 });
}
