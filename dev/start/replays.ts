import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { errorText } from '../../lib/errorText.ts';
import { describeRestored } from '../../lib/results.ts';
import type { Invoke } from './eventSource.ts';

const Replayed = v.object({ restored: v.number() });

/**
 * Invokes the function that replays the archive, again and again, with a pause after each time. Says what was restored. An
 * error that repeats is printed once.
 *
 * @returns when the signal has fired
 */
export async function runReplays(invoke: Invoke, pauseMs: number, signal: AbortSignal): Promise<void> {
  let printed: string | undefined;
  while (!signal.aborted) {
    let problem: string | undefined;
    try {
      const { restored } = v.parse(Replayed, await invoke({}));
      if (restored > 0) console.log(describeRestored(restored));
    } catch (error) {
      problem = `The archive was not replayed: ${errorText(error)}`;
    }
    if (problem && problem !== printed && !signal.aborted) console.error(problem);
    printed = problem;
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}
