/** The marks start at 0. The last one, `top`, is the end of the axis. */
export type Axis = { readonly top: number; readonly marks: readonly number[] };

/** Distance between marks, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * An axis that ends at the first round number above all values.
 *
 * @param intervals maximum number of intervals between marks
 * @param isWhole whether marks must be whole numbers
 */
export function axisUpTo(highest: number, intervals: number, isWhole: boolean): Axis {
  const step = stepFor(highest / intervals, isWhole);
  const count = Math.max(1, Math.ceil(highest / step));
  return { top: count * step, marks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

function stepFor(least: number, isWhole: boolean): number {
  // Amounts are not finer than cents.
  const from = Math.max(least, isWhole ? 1 : 0.01);
  const power = 10 ** Math.floor(Math.log10(from));
  const step = STEPS.map((factor) => factor * power).find(
    (step) => step >= from && (!isWhole || Number.isInteger(step)),
  );
  return step ?? power * 10;
}

/**
 * Picks labels that are at least `room` apart.
 *
 * @param places in pixels, ascending
 * @param wanted indexes of places, most important first
 */
export function pickLabels(places: readonly number[], wanted: readonly number[], room: number): number[] {
  const picked: number[] = [];
  for (const index of wanted) {
    const place = places[index] ?? 0;
    if (picked.every((other) => Math.abs((places[other] ?? 0) - place) >= room)) picked.push(index);
  }
  return picked;
}
