import { spawn } from 'node:child_process';
import * as v from 'valibot';
import { firstFailure } from './firstFailure.ts';
import { checkAll } from './mutants.ts';
import { type PlantedBug, plantedBugs } from './planted.ts';

/*
 * Plants bugs, one at a time, and reports which of them the simulator finds and which the tests: a table in Markdown, as it
 * stands in docs/testing.md. Ends with 1 where a bug is found by neither.
 *
 * Arguments: parts of names; only bugs with one of them are planted.
 */

/** For how long the simulator looks for a bug. */
const SEARCH_SECONDS = 120;
/** A bug may make it run for ever. */
const LIMIT_MS = 2 * SEARCH_SECONDS * 1000;

const Found = v.object({ seed: v.number(), days: v.optional(v.number()), failure: v.string() });

/** @returns how the simulator finds the bug; undefined where it does not */
async function findBySimulator({ name }: PlantedBug): Promise<string | undefined> {
  const args = ['--import', 'tsx', 'tests/mutants/simulateWith.ts', name, `${SEARCH_SECONDS}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: LIMIT_MS });
  let output = '';
  for await (const text of child.stdout) output += text;
  if (output === '') return 'it hangs';
  const found = v.safeParse(Found, JSON.parse(output));
  if (!found.success) return undefined;
  const { seed, days, failure } = found.output;
  console.error(`  ${failure.split('\n')[0]}`);
  return days === undefined ? `${seed}` : `${seed}, of ${days} days`;
}

/** @returns the file of tests that finds the bug; undefined where none does */
async function findByTests({ name, tests }: PlantedBug): Promise<string | undefined> {
  for (const file of tests) {
    const failure = await firstFailure(file, name);
    if (failure === undefined) continue;
    console.error(`  ${file}: ${failure.split('\n')[0]}`);
    return file;
  }
  return undefined;
}

async function timed<T>(work: Promise<T>): Promise<[result: T, seconds: string]> {
  const started = performance.now();
  const result = await work;
  return [result, `${Math.ceil((performance.now() - started) / 1000)} s`];
}

checkAll(plantedBugs);
const parts = process.argv.slice(2);
const chosen = plantedBugs.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));

console.log('| part | bug | seed that finds it | after | tests that find it | after |');
console.log('|---|---|---|---|---|---|');
let survivors = 0;
for (const bug of chosen) {
  console.error(bug.name);
  const [seed, simulated] = await timed(findBySimulator(bug));
  const [file, tested] = await timed(findByTests(bug));
  if (!seed && !file) survivors += 1;
  console.log(
    `| ${bug.part} | ${bug.name} | ${seed ?? '-'} | ${seed ? simulated : '-'} | ${file ?? '-'} | ${file ? tested : '-'} |`,
  );
}
console.log(`\n${chosen.length - survivors} of ${chosen.length} bugs were found.`);
process.exitCode = survivors > 0 ? 1 : 0;
