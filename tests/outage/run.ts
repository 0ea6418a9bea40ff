import Table from 'cli-table3';
import { Command } from 'commander';
import { whole } from '../../scripts/shared/command.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { SETUPS } from './setups.ts';
import { type Loss, runTrial } from './trial.ts';

/*
 * What an outage of Redis really loses: `npx tsx --import ./dev/luaText.mjs tests/outage/run.ts`. Kills a primary many times while orders are counted, in several
 * set-ups, and shows how many acknowledged orders were lost.
 */

const { kills, only } = new Command('outage')
  .description('Kills the primary while orders are counted, in several set-ups, and shows how many orders were lost.')
  .option('--kills <number>', 'how often in each set-up', whole(1, 999_999), 1000)
  .option('--only <text>', 'only the set-ups with this text in their names', '')
  .allowExcessArguments(false)
  .parse()
  .opts<{ kills: number; only: string }>();

const table = new Table({
  head: ['Redis', 'kills', 'acknowledged', 'lost', 'kills with a loss', 'most at once', 'longest time lost'],
  style: { head: [], border: [] },
});
for (const setup of SETUPS.filter(({ name }) => name.includes(only))) {
  process.stderr.write(`${setup.name}\n`);
  const losses: Loss[] = [];
  const random = seededRandom(Date.now() | 0, 0);
  while (losses.length < kills) losses.push(await runTrial(setup, random));
  if (losses.every(({ acknowledged }) => acknowledged === 0)) {
    console.error('  No order was acknowledged. WAITAOF needs Redis 7.2 or newer.');
    continue;
  }
  const sum = (of: (loss: Loss) => number) => losses.reduce((total, loss) => total + of(loss), 0);
  table.push([
    setup.name,
    losses.length,
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    losses.filter(({ lost }) => lost > 0).length,
    Math.max(...losses.map(({ lost }) => lost)),
    `${Math.ceil(Math.max(...losses.map(({ sinceMs }) => sinceMs)))} ms`,
  ]);
}
console.log(table.toString());
