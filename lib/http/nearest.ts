/** Of several names, the one that becomes `name` with the fewest changes of a letter. Undefined if there are none. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [first] = names.map((candidate) => ({ candidate, distance: distanceOf(name, candidate) })).sort(byDistance);
  return first?.candidate;
}

const byDistance = (a: { readonly distance: number }, b: { readonly distance: number }): number =>
  a.distance - b.distance;

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  // Distances from what is read of `a` to each beginning of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const letter of a) {
    const next = [(row[0] ?? 0) + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (letter === b[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
