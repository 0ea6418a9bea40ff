import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../../dev/servers/programs.ts';

/** A clock that a test moves; redis-servers that are started with its environment go by it. */
export type Clock = {
  readonly environment: Readonly<Record<string, string>>;
  /** What it shows, in milliseconds since 1970. */
  now(): number;
  /** Sets it, in milliseconds since 1970; it goes on from there. */
  set(time: number): void;
  /** Sets it, in milliseconds since 1970; it stands still from there, until it is set or moved. */
  hold(time: number): void;
  /** Puts it forward, or back where the number of milliseconds is negative. */
  moveBy(ms: number): void;
  /** Removes what it keeps on disk, once its servers have ended. */
  remove(): void;
};

/** The clock of this machine, even if a test has set the clock of its process. */
const realNow = Date.now;

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The ledger begins something new, a key or a part of one, at multiples of this since 1970. */
export const LEDGER_PERIOD = 10 * DAY;

/**
 * Path of the command that knows where libfaketime is.
 *
 * @throws an error that says what to do when there is none
 */
export const findFaketime = (): string =>
  requireProgram(
    ['faketime'],
    'No faketime is on PATH: tests that move the clock of a Redis need libfaketime. ' +
      'Install it (Debian, Ubuntu: apt-get install faketime).',
  );

/**
 * A clock that shows the right time until it is moved.
 *
 * @throws an error that says what to do, when there is no libfaketime
 */
export async function startClock(): Promise<Clock> {
  const faketime = findFaketime();
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `orders-clock-${process.pid}-`));
  const file = join(folder, 'offset');
  let offset = 0;
  const write = (text: string) => {
    // Renamed, so that nobody reads half of it.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const moveTo = (ms: number) => {
    offset = ms;
    write(`${offset < 0 ? '-' : '+'}${(Math.abs(offset) / 1000).toFixed(3)}`);
  };
  moveTo(0);
  return {
    environment: {
      // Redis's jemalloc asks for the time before libfaketime is ready, and waits for ever; libc's malloc does not.
      LD_PRELOAD: `${libraryOf(faketime)} libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      TZ: 'UTC',
    },
    now: () => realNow() + offset,
    set: (time) => moveTo(time - realNow()),
    hold(time) {
      offset = time - realNow();
      // In the middle of the millisecond, as libfaketime rounds down what its arithmetic makes of the decimals. In place,
      // which takes a thirtieth of the time: all such texts have one length.
      writeFileSync(file, new Date(time).toISOString().replace('T', ' ').replace('Z', '5'), { flag: 'r+' });
    },
    moveBy: (ms) => moveTo(offset + ms),
    remove() {
      rmSync(folder, { recursive: true });
      removeWhatIsLeft();
    },
  };
}

const libraryOf = (faketime: string): string =>
  execFileSync(faketime, ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();

/** Removes clocks and shared memory of libfaketime that killed processes have left. Their names hold the process ids. */
function removeWhatIsLeft(): void {
  for (const name of readdirSync('/dev/shm')) {
    const pid = Number(/^(?:(?:sem\.)?faketime_(?:sem|shm)_|orders-clock-)(\d+)(?:-|$)/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) rmSync(join('/dev/shm', name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
