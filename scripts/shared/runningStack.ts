import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** In the root of the repository. Git ignores it. */
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

/** The `npm start` that runs, or undefined: there is no file, it cannot be read, or its process is gone. */
export function readRunningStack(): RunningStack | undefined {
  try {
    const stack = v.parse(RunningStack, JSON.parse(readFileSync(path(), 'utf8')));
    return isRunning(stack.pid) ? stack : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Says where this `npm start` is, until its process ends.
 *
 * @returns whether {@link readRunningStack} finds it: not where it finds another one, which was there before
 */
export function writeRunningStack(stack: RunningStack): boolean {
  if (readRunningStack()) return false;
  const file = path();
  // Removed first, as the mode is only for a file that is new.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(stack)}\n`, { mode: 0o600 });
  process.once('exit', () => {
    if (readRunningStack()?.pid === process.pid) rmSync(file, { force: true });
  });
  return true;
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
