/** The tables of a run, each with a unit of its own. */
export const TABLES = {
  race: 'Orders a second into an empty Redis',
  redisTime: 'Microseconds in Redis an order (commandstats)',
  remembered: 'Orders a second into a Redis that remembers orders, and by turns into one that does not, batch 100',
  cluster: 'Orders a second into one Redis and into clusters on the same cores, 4 in flight',
  nodeTime: 'Microseconds of CPU an order of the busiest node, 4 in flight',
  reads: 'Reads: requests a second',
  latency: 'Reads: milliseconds to the answer',
  memory: 'Bytes in Redis',
  replicated: 'Bytes an order that go to a replica, batch 100',
} as const;

type TableName = keyof typeof TABLES;

/** What a number was in each round. */
export type Figure = {
  readonly table: TableName;
  readonly row: string;
  readonly column: string;
  readonly rounds: number[];
};

/** Takes the number of a round. */
export type Add = (table: TableName, row: string, column: string, value: number) => void;

/** All figures of a run. */
export class Figures {
  readonly all: Figure[] = [];

  find(table: TableName, row: string, column: string): Figure | undefined {
    return this.all.find((figure) => figure.table === table && figure.row === row && figure.column === column);
  }

  readonly add: Add = (table, row, column, value) => {
    const figure = this.find(table, row, column);
    if (figure) figure.rounds.push(value);
    else this.all.push({ table, row, column, rounds: [value] });
  };
}

/** Measures in several rounds, and before them in round 0, which only warms up. */
export async function inRounds(
  rounds: number,
  add: Add,
  measure: (add: Add, round: number) => Promise<void>,
): Promise<void> {
  await measure(() => {}, 0);
  for (let round = 1; round <= rounds; round++) await measure(add, round);
}

/** The value below which a share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Median of the ratios round by round: what disturbs the machine for a while disturbs both. */
export function ratioOf(one: Figure | undefined, other: Figure | undefined): number | undefined {
  if (!one || !other) return undefined;
  return median(other.rounds.map((value, round) => (one.rounds[round] ?? Number.NaN) / value));
}
