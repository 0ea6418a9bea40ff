/** The marks of an axis from 0 on; the last one is its end, and no value is above it. */
export type Axis = { readonly top: number; readonly marks: readonly number[] };

/** Distances between marks, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * An axis that ends at the first round number that no value is above.
 *
 * @param highest value to show
 * @param intervals at most, between marks
 * @param isWhole whether values are whole numbers, and marks must be too
 */
export function axisUpTo(highest: number, intervals: number, isWhole: boolean): Axis {
  const step = stepFor(highest / intervals, isWhole);
  const count = Math.max(1, Math.ceil(highest / step));
  return { top: count * step, marks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

function stepFor(least: number, isWhole: boolean): number {
  // Cents are the least there is.
  const from = Math.max(least, isWhole ? 1 : 0.01);
  const power = 10 ** Math.floor(Math.log10(from));
  const step = STEPS.map((factor) => factor * power).find(
    (step) => step >= from && (!isWhole || Number.isInteger(step)),
  );
  return step ?? power * 10;
}

/**
 * Which of some places along an axis get a label, so that no label is nearer to another than `room`.
 *
 * @param places in pixels, ascending
 * @param wanted numbers of places, those first that matter most
 */
export function pickLabels(places: readonly number[], wanted: readonly number[], room: number): number[] {
  const picked: number[] = [];
  for (const index of wanted) {
    const place = places[index] ?? 0;
    if (picked.every((other) => Math.abs((places[other] ?? 0) - place) >= room)) picked.push(index);
  }
  return picked;
}
