import Table from 'cli-table3';
import requireClock from '../support/requireClock.ts';
import requireRedis from '../support/requireRedis.ts';
import { firstFailure } from './firstFailure.ts';
import { checkAll, mutants } from './mutants.ts';

/*
 * Puts deliberate errors into the Lua scripts, one at a time, and runs the tests that should find each: a test run
 * that passes in spite of an error shows what no test looks at. Ends with 1 where an error survives.
 *
 * Arguments: parts of names; only errors with one of them are tried.
 */

checkAll();

const parts = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));

await requireRedis();
await requireClock();

for (const file of new Set(chosen.flatMap(({ tests }) => tests))) {
  const failure = await firstFailure(file);
  if (failure === undefined) continue;
  console.error(`${file} fails without any error put in: ${failure}`);
  process.exit(1);
}

const table = new Table({ head: ['error', 'found by', 'test', 's'], colWidths: [50, 28, 60, 6] });
let survivors = 0;
for (const { name, tests } of chosen) {
  const started = performance.now();
  let found: [file: string, test: string] | undefined;
  for (const file of tests) {
    const failure = await firstFailure(file, name);
    if (failure === undefined) continue;
    found = [file.replace(/^.*\/(.*)\.test\.ts$/, '$1'), failure];
    break;
  }
  if (!found) survivors += 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const [file, test] = found ?? ['NOTHING', ''];
  table.push([name, file, test.slice(0, 56), seconds]);
  console.log(`${name}: ${found ? `found by ${file} in ${seconds} s` : 'survives'}`);
}
console.log(table.toString());
console.log(`${chosen.length - survivors} of ${chosen.length} errors were found.`);
process.exitCode = survivors > 0 ? 1 : 0;
