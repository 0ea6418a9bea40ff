import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the parts of a pipeline are. */
export type Addresses = { readonly api: string; readonly sqs: string; readonly redis: string };

/** A started `npm start`. */
export type NpmStart = {
  /** Everything that it has printed. */
  output(): string;
  /** Sends a signal to all of its processes, as the terminal does for Ctrl-C, or only to npm. */
  signal(name: NodeJS.Signals, to?: 'all' | 'npm'): void;
  /** Settles when it has ended. */
  readonly exitCode: Promise<number | null>;
  /**
   * Waits until it runs and the sample orders are counted.
   *
   * @throws an error with what it printed when it ends instead
   */
  addresses(): Promise<Addresses>;
};

/** Ends the process group when our end of the pipe closes, however this process ended. */
const GUARD = `
exec 3<&0
{ read -r _ <&3; kill -INT 0; } >/dev/null 2>&1 &
exec npm start --silent -- "$@" </dev/null 3<&-`;

/** Runs `npm start` in its own process group. It never outlives this process. */
export function npmStart(environment: Readonly<Record<string, string>> = {}, args: readonly string[] = []): NpmStart {
  const stackFile = join(tmpdir(), `orders-stack-${randomUUID()}.json`);
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...args], {
    detached: true,
    // Never somebody's own Redis.
    env: { ...process.env, REDIS_URL: '', NPM_START_FILE: stackFile, ...environment },
  });
  let text = '';
  let hasEnded = false;
  const signal: NpmStart['signal'] = (name, to = 'all') => {
    if (!child.pid || hasEnded) return;
    try {
      process.kill(to === 'all' ? -child.pid : child.pid, name);
    } catch {
      // It has just ended.
    }
  };
  const exitCode = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      hasEnded = true;
      rmSync(stackFile, { force: true });
      resolve(code);
    });
  });
  const running = new Promise<Addresses>((resolve, reject) => {
    exitCode.then(() => reject(new Error(`npm start ended too soon:\n${text}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += chunk;
        const [, api, sqs, redis] = /^API (\S+) · SQS (\S+) · (\S+)$/m.exec(text) ?? [];
        if (api && sqs && redis) resolve({ api, sqs, redis });
      });
    }
  });
  // Whoever asks for the addresses gets the error.
  running.catch(() => {});
  return { output: () => text, signal, exitCode, addresses: () => running };
}
