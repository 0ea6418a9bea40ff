import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Result, Task } from './runner.ts';

/** A schedule that takes longer hangs, in milliseconds of real time. */
const LIMIT_MS = 600_000;
/** In which the schedule is run again and again. */
const EXPLAIN_LIMIT_MS = 900_000;

/** A process that runs schedules. It is replaced if it hangs or dies. */
class Child {
  #process: ChildProcess | undefined;

  async #ask(question: Task & { isToExplain: boolean }, limit: number): Promise<unknown> {
    if (!this.#process) {
      this.#process = fork(new URL('child.ts', import.meta.url).pathname);
      await once(this.#process, 'message');
    }
    const child = this.#process;
    const settled = new AbortController();
    const limited = AbortSignal.timeout(limit);
    const signal = AbortSignal.any([settled.signal, limited]);
    child.send(question);
    try {
      const died = once(child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
      const answered = once(child, 'message', { signal }).then(([answer]) => answer);
      return await Promise.race([answered, died]);
    } catch (error) {
      child.kill('SIGKILL');
      this.#process = undefined;
      throw limited.aborted ? new Error(`it takes longer than ${limit / 1000} s`) : error;
    } finally {
      settled.abort();
    }
  }

  async run(task: Task): Promise<Result> {
    try {
      return (await this.#ask({ ...task, isToExplain: false }, LIMIT_MS)) as Result;
    } catch (error) {
      return { failure: `no end: ${error instanceof Error ? error.message : error}`, digest: '', length: 0 };
    }
  }

  async explain(task: Task): Promise<string> {
    try {
      return ((await this.#ask({ ...task, isToExplain: true }, EXPLAIN_LIMIT_MS)) as { text: string }).text;
    } catch (error) {
      return `not made smaller: ${error instanceof Error ? error.message : error}`;
    }
  }

  stop(): void {
    this.#process?.disconnect();
  }
}

/**
 * Runs tasks in several processes until one fails, or none is left.
 *
 * @param onResult called for each schedule that went well
 * @returns the first task that failed, what was wrong, and the schedule made small
 */
export async function runAll(
  tasks: Iterator<Task>,
  processes: number,
  onResult: (result: Result) => void,
): Promise<{ task: Task; failure: string; text: string } | undefined> {
  let failed: { task: Task; failure: string; text: string } | undefined;
  const work = async () => {
    const child = new Child();
    for (let next = tasks.next(); !next.done && !failed; next = tasks.next()) {
      const task: Task = next.value;
      const result = await child.run(task);
      if (result.failure === undefined) {
        onResult(result);
      } else if (!failed) {
        failed = { task, failure: result.failure, text: '' };
        failed.text = await child.explain(task);
      }
    }
    child.stop();
  };
  await Promise.all(Array.from({ length: processes }, work));
  return failed;
}
