import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A function in its own process, connected to a Redis. */
export type FunctionProcess = {
  /** Hands an event to the handler `times` at once; resolves to the responses. */
  deliver(event: unknown, times?: number): Promise<unknown[]>;
  /** Memory of the process, in bytes, after its last response. */
  rss(): number;
  /** Sends a signal, for example SIGSTOP, which freezes it like a container between invocations. */
  signal(name: NodeJS.Signals): void;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
};

/**
 * Starts a function.
 *
 * @param name its file in functions/, e.g. `getGlobalStats`
 * @param environment further variables
 * @returns when its code is loaded
 */
export async function startFunctionProcess(
  name: string,
  redisUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<FunctionProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', './dev/luaText.mjs', 'tests/support/runFunction.ts', name],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        REDIS_URL: redisUrl,
        QUEUE_URL: 'http://localhost/000000000000/orders-queue',
        ARCHIVE_BUCKET: 'none',
        POWERTOOLS_LOG_LEVEL: 'SILENT',
        ...environment,
      },
    },
  );
  // Tests also write to a process that is killed.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  let rss = 0;
  return {
    async deliver(event, times = 1) {
      child.stdin.write(`${JSON.stringify({ times, event })}\n`);
      const { value } = await lines.next();
      const answer = JSON.parse(value);
      rss = answer.rss;
      return answer.responses;
    },
    rss: () => rss,
    signal: (name) => {
      child.kill(name);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts the worker. */
export const startWorkerProcess = (
  redisUrl: string,
  environment?: Readonly<Record<string, string>>,
): Promise<FunctionProcess> => startFunctionProcess('processOrders', redisUrl, environment);
