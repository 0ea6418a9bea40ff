import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** The root is two folders up from the bundle, .esbuild/<pid>/. */
const THREAD = join(import.meta.dirname, '../..', 'dev/start/functionThread.mjs');

/** A thread without work ends after this time, like a container of Lambda. */
const IDLE_MS = 60_000;

/** Where a function is, and what it may use. */
export type FunctionSettings = {
  readonly functionName: string;
  readonly file: string;
  /** The name of the handler in the file. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
};

/** A function of the service. Like Lambda, it has as many threads as there are invocations at the same time. */
export class LocalFunction {
  readonly #threads = new Set<Thread>();

  /** @param ready settles when the file exists */
  constructor(
    private readonly settings: FunctionSettings,
    private readonly ready: Promise<void>,
  ) {}

  /** @throws the error of the function, or one after its timeout */
  async invoke(event: unknown): Promise<unknown> {
    await this.ready;
    let thread = [...this.#threads].find(({ isIdle }) => isIdle);
    if (!thread) {
      thread = new Thread(this.settings, (ended) => this.#threads.delete(ended));
      this.#threads.add(thread);
    }
    return thread.invoke(event);
  }

  /** Invocations from now on use the code that is in the file now; those in flight end first. */
  reload(): void {
    for (const thread of this.#threads) void thread.retire();
    this.#threads.clear();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }
}

export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

class Thread {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #exit = new AbortController();
  #isBusy = false;
  #isRetired = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    settings: FunctionSettings,
    private readonly ended: (thread: Thread) => void,
  ) {
    const { functionName, file, handler, timeoutMs, memorySize, environment } = settings;
    this.#timeoutMs = timeoutMs;
    const context = { functionName, functionVersion: '$LATEST', memoryLimitInMB: `${memorySize}` };
    this.#worker = new Worker(THREAD, { env: environment, workerData: { file, name: handler, context } });
    this.#worker
      // Which the invocation in flight throws.
      .on('error', () => ended(this))
      .once('exit', () => {
        ended(this);
        this.#exit.abort(new Error('its thread has ended'));
      });
  }

  get isIdle(): boolean {
    return !this.#isBusy;
  }

  async invoke(event: unknown): Promise<unknown> {
    this.#isBusy = true;
    clearTimeout(this.#idle);
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort(new TimeoutError(`it took longer than its ${this.#timeoutMs / 1000} s`));
      void this.end();
    }, this.#timeoutMs);
    const signal = AbortSignal.any([timeout.signal, this.#exit.signal]);
    try {
      const message = once(this.#worker, 'message', { signal });
      this.#worker.postMessage({ event, awsRequestId: randomUUID(), deadline: Date.now() + this.#timeoutMs });
      const [{ result, error }] = await message;
      if (error) throw error;
      return result;
    } catch (error) {
      throw error instanceof Error && error.name === 'AbortError' ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.#isBusy = false;
      if (this.#isRetired) void this.end();
      else this.#idle = setTimeout(() => this.end(), IDLE_MS).unref();
    }
  }

  /** Ends it after the invocation in flight. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (!this.#isBusy) await this.end();
  }

  async end(): Promise<void> {
    clearTimeout(this.#idle);
    this.ended(this);
    await this.#worker.terminate();
  }
}
