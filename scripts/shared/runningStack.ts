import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** Has a line for each running `npm start`. In the root of the repository; Git ignores it. */
const FILE = '.npm-start.json';

const RunningStack = v.object({
  /** The process of `npm start`. */
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** May hold a password. */
  redisUrl: v.string(),
  queueUrl: v.string(),
  /** Also of S3. */
  sqsEndpoint: v.string(),
  /** Bucket of the archive, if there is one. */
  archiveBucket: v.optional(v.string()),
  apiUrl: v.string(),
  timeZone: v.string(),
  currency: v.string(),
});

/** Where the parts of a running `npm start` are. */
export type RunningStack = v.InferOutput<typeof RunningStack>;

/** The running `npm start`, the first of several; undefined where none runs, or the file cannot be read. */
export function readRunningStack(): RunningStack | undefined {
  return readRunningStacks()[0];
}

/**
 * Records where this `npm start` is, until its process ends.
 *
 * @returns whether {@link readRunningStack} finds it, and not an earlier one
 */
export function writeRunningStack(stack: RunningStack): boolean {
  const keepOthers = () => {
    const running = readRunningStacks();
    const others = running.filter((other) => isOther(other, stack));
    // The mode applies only to a new file.
    if (others.length === 0) rmSync(path(), { force: true });
    else if (others.length < running.length) writeFileSync(path(), others.map(toLine).join(''));
  };
  keepOthers();
  appendFileSync(path(), toLine(stack), { mode: 0o600 });
  process.once('exit', keepOthers);
  return readRunningStack()?.pid === stack.pid;
}

/**
 * A killed `npm start` leaves its line, and its process id may be used again: in a container, every start may get the same one. A
 * line with our id or our port was left so.
 */
const isOther = ({ pid, sqsEndpoint }: RunningStack, own: RunningStack): boolean =>
  pid !== own.pid && sqsEndpoint !== own.sqsEndpoint;

const toLine = (stack: RunningStack): string => `${JSON.stringify(stack)}\n`;

/** Every running `npm start`, in the order in which they were ready. */
function readRunningStacks(): RunningStack[] {
  try {
    const lines = readFileSync(path(), 'utf8').trim().split('\n');
    return lines.map((line) => v.parse(RunningStack, JSON.parse(line))).filter(({ pid }) => isRunning(pid));
  } catch {
    return [];
  }
}

/**
 * Tests name another file, so that they do not find an `npm start` that somebody works with. The root is also two folders up
 * from the bundle, .esbuild/<pid>/.
 */
const path = (): string => process.env.NPM_START_FILE || join(import.meta.dirname, '../..', FILE);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
