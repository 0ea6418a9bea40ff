import Table from 'cli-table3';
import { isPowertoolsInstalled } from '../../bench/peers/plain.ts';
import { whole } from '../../scripts/shared/command.ts';
import { NpmCommand } from '../../scripts/shared/npmCommand.ts';
import requireRedis from '../support/requireRedis.ts';
import { CONSUMERS, POWERTOOLS } from './consumers.ts';
import { holdAgainstFaults } from './holdAgainstFaults.ts';

/*
 * Holds our worker and others' ways to count against the same faults: `npm run test:kit`. Ends with 1 where ours counts an
 * order twice or loses one.
 */

const { faults, seed } = new NpmCommand('test:kit')
  .description('Holds consumers of SQS against faults, and shows what they count twice and what they lose.')
  .option('--faults <number>', 'how many faults each gets', whole(1, 999_999_999), 10_000)
  .option(
    '--seed <number>',
    'decides on the faults (default: another one each time)',
    whole(0, 999_999_999),
    Date.now() % 1_000_000_000,
  )
  .allowExcessArguments(false)
  .parse()
  .opts<{ faults: number; seed: number }>();

await requireRedis();

const table = new Table({
  head: ['consumer', 'faults', 'orders', 'double', 'lost', 'dead letters'],
  style: { head: [], border: [] },
});
const consumers = { ...CONSUMERS, ...(isPowertoolsInstalled() && POWERTOOLS) };
for (const [name, consumer] of Object.entries(consumers)) {
  console.error(name);
  const { orders, double, lost, dead } = await holdAgainstFaults(consumer, faults, seed);
  table.push([name, faults, orders, double, lost, dead]);
  if (name === 'ours' && double + lost > 0) process.exitCode = 1;
}
console.log(`${table.toString()}\nseed ${seed}`);
