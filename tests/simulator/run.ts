import { availableParallelism } from 'node:os';
import requireClock from '../support/requireClock.ts';
import requireRedis from '../support/requireRedis.ts';
import { type Options, readOptions } from './options.ts';
import { runAll } from './pool.ts';
import { Runner, type Task } from './runner.ts';

/*
 * Runs the pipeline in virtual time: `npm run simulate`. Ends with 1 where a schedule fails, and prints how to repeat it.
 */

const USUAL = { short: 400, long: 3, days: 100 };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** With --hours, one schedule in this number is long. */
const LONG_EVERY = 100;
/** One short schedule in this number runs twice. */
const TWICE_EVERY = 50;

const options = readOptions(process.argv.slice(2));
await requireRedis();
await requireClock();
const isOne = options.seed !== undefined && options.schedules === undefined && options.hours === undefined;
process.exitCode = (isOne ? await runOne(options.seed ?? 0, options.days) : await runMany(options)) ? 0 : 1;

/** @returns whether it went well */
async function runOne(seed: number, days: number | undefined): Promise<boolean> {
  const runner = await Runner.start();
  const result = await runner.run({ seed, days, isTwice: true });
  if (result.failure === undefined) console.log(`${describe({ seed, days })}: no difference, twice (${result.digest})`);
  else report({ seed, days }, result.failure, await runner.explain({ seed, days }));
  await runner.stop();
  return result.failure === undefined;
}

/** @returns whether all went well */
async function runMany({ seed, schedules, days, hours, twice }: Options): Promise<boolean> {
  // Every day other schedules, but the same ones for all runs of a day: a change is not refused by chance.
  const first = seed ?? Math.floor(Date.now() / DAY_MS) * 10_000;
  const started = performance.now();
  const end = started + (hours ?? 0) * HOUR_MS;
  let [count, length] = [0, 0];
  const minutes = () => (performance.now() - started) / 60_000;
  const summary = () =>
    `${count} schedules in ${minutes().toFixed(1)} minutes, ${Math.round(length / DAY_MS / minutes())} simulated days per minute`;
  console.log(`schedules from seed ${first}`);
  const progress = setInterval(() => console.log(summary()), 60_000);
  const failed = await runAll(
    withTwice(
      hours === undefined ? tasksOf(first, schedules, days) : endless(first, days, () => performance.now() < end),
      twice,
    ),
    Math.min(2, availableParallelism()),
    (result) => {
      count += 1;
      length += result.length;
    },
  );
  clearInterval(progress);
  if (failed) report(failed.task, failed.failure, failed.text);
  else console.log(`No difference: ${summary()}`);
  return !failed;
}

function* tasksOf(first: number, schedules: number | undefined, days: number | undefined): Generator<Task> {
  // The long ones first, so that both processes end at the same time.
  const long = schedules === undefined ? USUAL.long : 0;
  for (let n = 0; n < long; n++) yield { seed: first + n, days: days ?? USUAL.days };
  for (let n = 0; n < (schedules ?? USUAL.short); n++)
    yield { seed: first + n, days: schedules === undefined ? undefined : days };
}

function* endless(first: number, days: number | undefined, isOn: () => boolean): Generator<Task> {
  for (let n = 0; isOn(); n++) yield { seed: first + n, days: days ?? (n % LONG_EVERY === 0 ? USUAL.days : undefined) };
}

function* withTwice(tasks: Iterable<Task>, isAlways: boolean): Generator<Task> {
  for (const task of tasks) {
    yield { ...task, isTwice: isAlways || (task.seed % TWICE_EVERY === 0 && task.days === undefined) };
  }
}

function describe({ seed, days }: Task): string {
  return `npm run simulate -- --seed ${seed}${days ? ` --days ${days}` : ''}`;
}

function report(task: Task, failure: string, text: string): void {
  console.log(`${text}\n\n${failure}\nTo run it again: ${describe(task)}`);
}
