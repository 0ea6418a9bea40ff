/** What a number came to in several rounds, in their order. */
export type Spread = {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
};

/** The value below which a share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: quantile(values, 0.5),
  min: Math.min(...values),
  max: Math.max(...values),
  rounds: values,
});

/** Median of the ratios round by round: what disturbs the machine for a while disturbs both. */
export const ratioOf = (a: Spread | undefined, b: Spread | undefined): number =>
  a && b
    ? quantile(
        b.rounds.map((value, round) => (a.rounds[round] ?? Number.NaN) / value),
        0.5,
      )
    : Number.NaN;
