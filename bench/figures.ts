import Table from 'cli-table3';

/** The number of rounds, and of orders per round. */
export type Options = { readonly rounds: number; readonly orders: number };

/** The tables of a run, each with its own unit. */
const TABLES = {
  race: 'Orders per second into an empty Redis',
  redisTime: 'Microseconds in Redis per order (commandstats)',
  remembered:
    'Orders per second into a Redis that remembers orders and, alternately, into one that does not, batch 100',
  cluster: 'Orders per second into one Redis and into clusters on the same cores, 4 in flight',
  nodeTime: 'Microseconds of CPU of the busiest node per order, 4 in flight',
  archive: 'Orders per second with the archive, and from it into an empty Redis, batch 100',
  archiveTime: 'Microseconds of CPU of Node.js per order, batch 100',
  archiveBytes: 'Bytes per order in the archive, batch 100',
  reads: 'Reads: requests per second',
  latency: 'Reads: milliseconds to the answer',
  memory: 'Bytes in Redis',
  replicated: 'Bytes per order sent to a replica, batch 100',
  start: '`npm start`: seconds to the first answer',
  visible: '`npm start`: milliseconds from sending an order until the API counts it, one at a time',
} as const;

type TableName = keyof typeof TABLES;

/** Where a figure stands in its table. */
type Place = readonly [row: string, column: string];

/** A number in each round. */
type Figure = { readonly table: TableName; readonly row: string; readonly column: string; readonly rounds: number[] };

/** Records the number of a round. */
export type Add = (table: TableName, row: string, column: string, value: number) => void;

/** All figures of a run. */
export class Figures {
  readonly all: Figure[] = [];

  readonly add: Add = (table, row, column, value) => {
    const rounds = this.#rounds(table, [row, column]);
    if (rounds) rounds.push(value);
    else this.all.push({ table, row, column, rounds: [value] });
  };

  /** The median of the rounds; undefined where nothing was measured. */
  median(table: TableName, place: Place): number | undefined {
    const rounds = this.#rounds(table, place);
    return rounds && median(rounds);
  }

  /** The median of the ratios of each round: a disturbance of the machine affects both numbers of a round. */
  ratio(table: TableName, one: Place, other: Place): number | undefined {
    const [ofOne, ofOther] = [this.#rounds(table, one), this.#rounds(table, other)];
    return ofOne && ofOther && median(ofOther.map((value, round) => (ofOne[round] ?? Number.NaN) / value));
  }

  /** The figures as tables: the median of the rounds, ± half the distance from the lowest to the highest. */
  describe(): string {
    const tables = Object.entries(TABLES).map(([name, title]) => {
      const figures = this.all.filter(({ table }) => table === name);
      const columns = [...new Set(figures.map(({ column }) => column))];
      const rows = [...new Set(figures.map(({ row }) => row))];
      const lines = rows.map((row) => [row, ...columns.map((column) => spread(this.#rounds(name, [row, column])))]);
      return `${title}\n${tableOf(['', ...columns], lines)}`;
    });
    return tables.join('\n');
  }

  #rounds(table: string, [row, column]: Place): number[] | undefined {
    return this.all.find((figure) => figure.table === table && figure.row === row && figure.column === column)?.rounds;
  }
}

/** Measures in several rounds, after a round 0 that only warms up. */
export async function inRounds(
  rounds: number,
  add: Add,
  measure: (add: Add, round: number) => Promise<void>,
): Promise<void> {
  await measure(() => {}, 0);
  for (let round = 1; round <= rounds; round++) await measure(add, round);
}

/** The value below which this share of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A table with a header, as text. */
export function tableOf(head: string[], lines: string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...lines);
  return table.toString();
}

/** A number with only the digits that matter. */
export const short = (value: number): string =>
  value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en');

function spread(rounds: readonly number[] = []): string {
  if (rounds.length === 0) return '';
  const middle = median(rounds);
  if (rounds.length === 1) return short(middle);
  return `${short(middle)} ± ${(((Math.max(...rounds) - Math.min(...rounds)) / 2 / middle) * 100).toFixed(0)} %`;
}
