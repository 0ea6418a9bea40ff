import { svg } from './dom.ts';

const WIDTH = 100;
const HEIGHT = 32;
/** Room for half a stroke, and for the dot at the end. */
const MARGIN = 3;

/** Draws a small line that ends in a dot, over a fainter line of the values before, which may go on for longer. */
export function drawSparkline(values: readonly number[], before: readonly number[] = []): SVGElement {
  const highest = Math.max(...values, ...before, Number.MIN_VALUE);
  const y = (value: number) => HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value / highest);
  const distance = (WIDTH - 2 * MARGIN) / Math.max(1, values.length - 1, before.length - 1);
  const x = (index: number) => (MARGIN + index * distance).toFixed(2);
  const line = (series: readonly number[], name: string) => {
    const points = series.map((value, index) => `${x(index)},${y(value).toFixed(2)}`);
    return svg('polyline', { class: name, points: points.join(' ') });
  };
  const last = values.at(-1);
  return svg(
    'svg',
    // Stretched to the available room. Strokes keep their width.
    { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...(before.length > 0 ? [line(before, 'before')] : []),
    ...(values.length > 1 ? [line(values, 'now')] : []),
    // A line of length 0 with round ends is a dot that is not stretched.
    ...(last === undefined
      ? []
      : [svg('path', { class: 'end', d: `M${x(values.length - 1)},${y(last).toFixed(2)}h0` })]),
  );
}
