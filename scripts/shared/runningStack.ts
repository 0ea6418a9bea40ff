import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** A line for each `npm start`, in the root of the repository. Git ignores it. */
const FILE = '.npm-start.json';

const RunningStack = v.object({
  /** The process of `npm start`. */
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** May hold a password. */
  redisUrl: v.string(),
  /** The queue of orders. */
  queueUrl: v.string(),
  sqsEndpoint: v.string(),
  apiUrl: v.string(),
  /** Whose months and days the statistics have. */
  timeZone: v.string(),
  /** What they are in. */
  currency: v.string(),
});

/** Where the parts of an `npm start` are that runs on this machine. */
export type RunningStack = v.InferOutput<typeof RunningStack>;

/** The `npm start` that runs, the first one of several; undefined where there is none, or the file cannot be read. */
export function readRunningStack(): RunningStack | undefined {
  return readRunningStacks()[0];
}

/**
 * Says where this `npm start` is, until its process ends.
 *
 * @returns whether {@link readRunningStack} finds it: not where it finds another one, which was there before
 */
export function writeRunningStack(stack: RunningStack): boolean {
  const file = path();
  // Removed first, as the mode is only for a file that is new.
  if (readRunningStacks().length === 0) rmSync(file, { force: true });
  appendFileSync(file, toLine(stack), { mode: 0o600 });
  process.once('exit', () => {
    const others = readRunningStacks().filter(({ pid }) => pid !== process.pid);
    if (others.length === 0) rmSync(file, { force: true });
    else writeFileSync(file, others.map(toLine).join(''));
  });
  return readRunningStack()?.pid === stack.pid;
}

const toLine = (stack: RunningStack): string => `${JSON.stringify(stack)}\n`;

/** Every `npm start` that runs, in the order in which they were ready. */
function readRunningStacks(): RunningStack[] {
  try {
    const lines = readFileSync(path(), 'utf8').trim().split('\n');
    return lines.map((line) => v.parse(RunningStack, JSON.parse(line))).filter(({ pid }) => isRunning(pid));
  } catch {
    return [];
  }
}

/**
 * Tests name a file of their own, so that they do not meet an `npm start` that somebody works with. The root is two folders
 * up from the bundle, .esbuild/<pid>/, too.
 */
const path = (): string => process.env.NPM_START_FILE || join(import.meta.dirname, '../..', FILE);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
