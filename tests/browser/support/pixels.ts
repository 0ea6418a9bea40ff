import type { Page } from 'playwright-core';

/** What can be seen of a chart; lengths and positions in pixels. */
export type Picture = {
  /** Where the middle of each bar is, from left to right. */
  readonly bars: readonly number[];
  readonly color: string;
  /** Whether its last column of pixels is empty: nothing is cut off there. */
  readonly endsBeforeEdge: boolean;
};

/** Finds bars by the colour that they have in the style of the page. */
const LOOK = `(() => {
  const canvas = document.querySelector('#everybody [data-chart=amount] canvas');
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement('canvas'), { width, height });
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue('--amount');
  const color = context.fillStyle;
  const wanted = [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
  const { data } = context.getImageData(0, 0, width, height);
  const alpha = (x, y) => data[(y * width + x) * 4 + 3];
  const isBar = (x, y) => alpha(x, y) === 255 && wanted.every((value, i) => data[(y * width + x) * 4 + i] === value);
  const rows = [...Array(height).keys()];
  const bars = [];
  for (let x = 0, first; x < width; x++) {
    const isInBar = rows.some((y) => isBar(x, y));
    if (isInBar) first ??= x;
    if (isInBar || first === undefined) continue;
    bars.push((first + x - 1) / 2);
    first = undefined;
  }
  return { bars, color, endsBeforeEdge: rows.every((y) => alpha(width - 1, y) === 0) };
})()`;

/** Looks at the revenue chart of all orders. */
export const lookAtChart = (page: Page): Promise<Picture> => page.evaluate<Picture>(LOOK);
