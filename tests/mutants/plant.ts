import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import requireClock from '../support/requireClock.ts';
import requireRedis from '../support/requireRedis.ts';
import { firstFailure } from './firstFailure.ts';
import { checkAll, mutate } from './mutants.ts';
import { type PlantedBug, plantedBugs } from './planted.ts';

/*
 * Plants bugs in a copy of the code, one at a time, and shows which of them the simulator finds and which the tests: rows of
 * the table in docs/testing.md. Ends with 1 where neither finds a bug.
 *
 * Arguments: parts of names; only bugs with one of them are planted.
 */

/** For how long the simulator looks for a bug. */
const SEARCH_SECONDS = 120;
/** A bug may make it run for ever. */
const LIMIT_MS = 2 * SEARCH_SECONDS * 1000;

await requireRedis();
await requireClock();

const folder = mkdtempSync(join(tmpdir(), 'orders-planted-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
cpSync('.', folder, {
  recursive: true,
  filter: (path) => !/^(node_modules|\.git|\.serverless|\.esbuild)($|\/)/.test(path),
});
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));

const Found = v.object({ seed: v.number(), days: v.optional(v.number()), failure: v.string() });

/** @returns the schedule by which the simulator finds the bug; undefined where it does not */
async function findBySimulator(): Promise<string | undefined> {
  const args = [
    '--import',
    'tsx',
    '--import',
    './dev/luaText.mjs',
    'tests/mutants/simulateUntil.ts',
    `${SEARCH_SECONDS}`,
  ];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for await (const text of child.stdout) output += text;
  if (output === '') return 'no end';
  const found = v.safeParse(Found, JSON.parse(output));
  if (!found.success) return undefined;
  const { seed, days, failure } = found.output;
  console.error(`  ${failure.split('\n')[0]}`);
  return days === undefined ? `${seed}` : `${seed}, ${days} days`;
}

/** @returns the file of tests that finds the bug; undefined where none does */
async function findByTests({ tests }: PlantedBug): Promise<string | undefined> {
  for (const file of tests) {
    const failure = await firstFailure(file, undefined, folder);
    if (failure === undefined) continue;
    console.error(`  ${file}: ${failure.split('\n')[0]}`);
    return file;
  }
  return undefined;
}

/** @returns two cells of the table: what the search has found, and after how many seconds */
async function cells(search: Promise<string | undefined>): Promise<[found: string, seconds: string]> {
  const started = performance.now();
  const found = await search;
  return found === undefined ? ['-', '-'] : [found, `${Math.ceil((performance.now() - started) / 1000)}`];
}

checkAll(plantedBugs);
const parts = process.argv.slice(2);
const chosen = plantedBugs.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));

console.log('| part | bug | seed | s | tests | s |');
console.log('|---|---|---|---|---|---|');
let survivors = 0;
for (const bug of chosen) {
  console.error(bug.name);
  const source = readFileSync(bug.file, 'utf8');
  writeFileSync(join(folder, bug.file), mutate(source, bug));
  const simulated = await cells(findBySimulator());
  const tested = await cells(findByTests(bug));
  writeFileSync(join(folder, bug.file), source);
  if (simulated[0] === '-' && tested[0] === '-') survivors += 1;
  console.log(`| ${[bug.part, bug.name, ...simulated, ...tested].join(' | ')} |`);
}
console.log(`\n${chosen.length - survivors} of ${chosen.length} bugs were found.`);
process.exitCode = survivors > 0 ? 1 : 0;
