import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Plays the loss of a machine: of an append-only file only what was on disk is kept. */
export class LostMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'orders-outage-'));
  readonly #library = join(this.#folder, 'onDisk.so');
  readonly #notes = join(this.#folder, 'notes');

  /** @throws an error where there is no C compiler */
  constructor() {
    process.once('exit', () => rmSync(this.#folder, { recursive: true }));
    execFileSync('cc', ['-shared', '-fPIC', '-o', this.#library, join(import.meta.dirname, 'onDisk.c'), '-ldl']);
  }

  /** What a redis-server has to be started with, one at a time. */
  get environment(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.#library, ON_DISK_NOTES: this.#notes };
  }

  /** Cuts off what was not on disk when the server died. Its data is in this folder. */
  forgetWhatIsNotOnDisk(directory: string): void {
    const folder = join(directory, 'appendonlydir');
    const name = readdirSync(folder).find((file) => file.endsWith('.incr.aof'));
    const bytes = existsSync(this.#notes) ? Number(readFileSync(this.#notes).readBigInt64LE()) : 0;
    if (name) truncateSync(join(folder, name), bytes);
    rmSync(this.#notes, { force: true });
  }
}
