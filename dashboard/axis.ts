/** The marks start at 0. The last one, `top`, is the end of the axis. */
export type Axis = { readonly top: number; readonly marks: readonly number[] };

/** Distance between marks, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * An axis that ends at the first round number above all values.
 *
 * @param intervals maximum number of intervals between marks
 * @param smallest marks are multiples of it
 */
export function axisUpTo(highest: number, intervals: number, smallest: 1 | 0.01): Axis {
  const step = stepFor(highest / intervals / smallest) * smallest;
  const count = Math.max(1, Math.ceil(highest / step));
  return { top: count * step, marks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** A whole number. */
function stepFor(least: number): number {
  const from = Math.max(least, 1);
  const power = 10 ** Math.floor(Math.log10(from));
  const step = STEPS.map((factor) => factor * power).find((step) => step >= from && Number.isInteger(step));
  return step ?? power * 10;
}

/** Picks what is at least `room` apart. @param wanted most important first */
export function pickLabels<Label extends { readonly middle: number }>(wanted: readonly Label[], room: number): Label[] {
  const picked: Label[] = [];
  for (const label of wanted) {
    if (picked.every(({ middle }) => Math.abs(middle - label.middle) >= room)) picked.push(label);
  }
  return picked;
}
