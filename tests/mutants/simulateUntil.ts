import { Runner, type Task } from '../simulator/runner.ts';

/*
 * Runs schedules until one fails, or so many seconds have passed: the argument. Prints what failed as JSON,
 * `{ seed, days, failure }`, or `{}`.
 */

/** After so many short schedules comes a long one. */
const SHORT = 60;
const LONG_DAYS = 100;

const end = performance.now() + Number(process.argv[2]) * 1000;
const runner = await Runner.start();

function* tasks(): Generator<Task> {
  for (let round = 0; ; round++) {
    for (let seed = round * SHORT + 1; seed <= (round + 1) * SHORT; seed++) yield { seed };
    yield { seed: round + 1, days: LONG_DAYS };
  }
}

async function search(): Promise<object> {
  for (const task of tasks()) {
    if (performance.now() > end) break;
    const { failure } = await runner.run(task);
    if (failure !== undefined) return { ...task, failure };
  }
  return {};
}

console.log(JSON.stringify(await search()));
await runner.stop();
process.exit();
