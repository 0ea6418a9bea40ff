import type { Pixels } from './png.ts';

/** At most 256 colours, and which of them stands for a colour: 24 bits, red first. */
export type Palette = { readonly colors: readonly number[]; indexOf(color: number): number };

const MOST = 256;

/** The colours that are most frequent in some pictures; others become the nearest of them. */
export function makePalette(pictures: readonly Pixels[]): Palette {
  const counts = new Map<number, number>();
  for (const { rgb } of pictures) {
    for (let at = 0; at < rgb.length; at += 3) {
      const color = rgb.readUIntBE(at, 3);
      counts.set(color, (counts.get(color) ?? 0) + 1);
    }
  }
  const colors = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([color]) => color);
  const indexes = new Map(colors.map((color, index) => [color, index]));
  return {
    colors,
    indexOf(color) {
      const known = indexes.get(color) ?? nearest(colors, color);
      indexes.set(color, known);
      return known;
    },
  };
}

function nearest(colors: readonly number[], color: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, other] of colors.entries()) {
    const distance = [16, 8, 0].reduce(
      (sum, bits) => sum + (((color >> bits) & 255) - ((other >> bits) & 255)) ** 2,
      0,
    );
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
