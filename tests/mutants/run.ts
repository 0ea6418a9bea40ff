import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import * as v from 'valibot';
import { mutants, mutate, SCRIPT_FILE } from './mutants.ts';

/*
 * Puts deliberate errors into the counting script, one at a time, and runs the tests that should find each: a test run
 * that passes in spite of an error shows what no test looks at. Ends with 1 where an error survives.
 *
 * Arguments: parts of names; only errors with one of them are tried.
 */

/** Longer than all tests take: an error may make the script run for ever. */
const LIMIT_MS = 5 * 60_000;

const Report = v.object({
  testResults: v.array(
    v.object({
      message: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), fullName: v.string() })),
    }),
  ),
});

/** Runs a test file with an error in the script, or without one. @returns what failed first, undefined where all passed */
async function firstFailure(file: string, mutant?: string): Promise<string | undefined> {
  const args = ['run', '--config', 'vitest.mutants.config.ts', '--bail', '1', '--reporter', 'json', file];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...(mutant && { MUTANT: mutant }) },
    timeout: LIMIT_MS,
  });
  const stop = () => {
    child.kill();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  let output = '';
  for await (const text of child.stdout) output += text;
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve)));
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  if (code === 0) return undefined;
  const start = output.indexOf('{"numTotalTestSuites"');
  if (start < 0) return 'no end: the run was stopped';
  const { testResults } = v.parse(Report, JSON.parse(output.slice(start)));
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults).find((t) => t.status === 'failed');
  return failed?.fullName.trim() ?? testResults[0]?.message ?? 'the file does not run';
}

const source = readFileSync(SCRIPT_FILE, 'utf8');
const misfits = mutants.flatMap((mutant) => {
  try {
    mutate(source, mutant);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : error];
  }
});
if (misfits.length > 0) {
  console.error(`The script has changed: adapt tests/mutants/mutants.ts.\n${misfits.join('\n')}`);
  process.exit(1);
}

const parts = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));

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
