import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { Code } from '../simulator/code.ts';
import { scheduleOf } from '../simulator/schedule.ts';
import { simulate } from '../simulator/simulation.ts';
import { Targets } from '../simulator/target.ts';
import { mutate } from './mutants.ts';
import { type PlantedBug, plantedBugs } from './planted.ts';

/*
 * Runs schedules with the bug whose name is the first argument, until one fails or so many seconds have passed, the second
 * argument. Prints the schedule that failed as JSON, `{ seed, days, failure }`, or `{}`.
 */

/** After so many short schedules comes a long one. */
const SHORT = 60;
const LONG_DAYS = 100;

const planting = (bug: PlantedBug): Plugin => ({
  name: 'planting',
  setup(build) {
    build.onLoad({ filter: new RegExp(`/${bug.file.replaceAll('.', '\\.')}$`) }, ({ path }) => ({
      contents: mutate(readFileSync(path, 'utf8'), bug),
      loader: 'ts',
    }));
  },
});

const [name, seconds] = process.argv.slice(2);
const bug = plantedBugs.find((other) => other.name === name);
if (!bug) throw new Error(`There is no bug ${name}`);
const code = await Code.load([planting(bug)]);
const targets = new Targets();
const end = performance.now() + Number(seconds) * 1000;

async function search(): Promise<object> {
  for (let n = 0; performance.now() < end; n++) {
    const isLong = n % (SHORT + 1) === SHORT;
    const task = isLong
      ? { seed: Math.ceil(n / (SHORT + 1)), days: LONG_DAYS }
      : { seed: n - Math.floor(n / (SHORT + 1)) + 1 };
    const schedule = scheduleOf(task.seed, isLong ? LONG_DAYS : undefined);
    const { failure } = await simulate(schedule, code, await targets.prepare(schedule.target, schedule.start));
    if (failure) return { ...task, failure };
  }
  return {};
}

console.log(JSON.stringify(await search()));
await targets.stop();
process.exit();
