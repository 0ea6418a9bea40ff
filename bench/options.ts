import { Command, InvalidArgumentError } from 'commander';

/** What the command line says. */
export type Options = {
  readonly rounds: number;
  readonly orders: number;
  readonly memoryOrders: number;
  readonly ledgerOrders: readonly number[];
  readonly json?: string;
};

/** Reads the command line; prints and exits on --help and on a mistake. */
export function readOptions(args: readonly string[]): Options {
  return new Command()
    .name('npm run bench --')
    .description('Measures the worker beside others that do the same, large ledgers, clusters, reads and memory.')
    .option('--rounds <n>', 'rounds of each measurement, of which the median counts', whole, 5)
    .option('--orders <n>', 'orders a round through the handler; others get a share of them', whole, 40_000)
    .option('--memory-orders <n>', 'orders to count, of a tenth as many users, for growth and memory', whole, 1_000_000)
    .option('--ledger-orders <n,…>', 'orders that ledgers remember', wholes, [1_000_000, 10_000_000])
    .option('--json <file>', 'write all figures to this file too')
    .parse(args, { from: 'user' })
    .opts<Options>();
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999,999,999.');
}

const wholes = (text: string): number[] => text.split(',').map(whole);
