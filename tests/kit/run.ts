import { existsSync } from 'node:fs';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { CONSUMERS } from './consumers.ts';
import { holdAgainstFaults } from './holdAgainstFaults.ts';

/*
 * Holds our worker and others' ways to count against the same faults: `npm run test:kit`. Ends with 1 where ours counts an
 * order twice or loses one.
 */

const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const { faults, seed } = new Command('test:kit')
  .description('Holds consumers of SQS against faults, and shows what they count twice and what they lose.')
  .option('--faults <number>', 'how many faults each gets', whole, 10_000)
  .option(
    '--seed <number>',
    'decides on the faults (default: another one each time)',
    whole,
    Date.now() % 1_000_000_000,
  )
  .allowExcessArguments(false)
  .parse()
  .opts<{ faults: number; seed: number }>();

const table = new Table({
  head: ['consumer', 'faults', 'orders', 'double', 'lost', 'dead letters'],
  style: { head: [], border: [] },
});
for (const [name, consumer] of Object.entries(CONSUMERS)) {
  if (consumer.handler.includes('powertools') && !existsSync('bench/peers/node_modules')) {
    console.error('Powertools is left out. To have it take part: npm ci --prefix bench/peers');
    continue;
  }
  console.error(name);
  const { orders, double, lost, dead } = await holdAgainstFaults(consumer, faults, seed);
  table.push([name, faults, orders, double, lost, dead]);
  if (name === 'ours' && double + lost > 0) process.exitCode = 1;
}
console.log(`${table.toString()}\nseed ${seed}`);
