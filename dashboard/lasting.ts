import type { Pipeline } from './api.ts';
import type { Seen } from './verdict.ts';

/** How long something has been so: `atLeast` as far as is known, in seconds, and whether it is known to have begun since. */
export type Lasting = { readonly atLeast: number; readonly isNew: boolean };

/** How long a state of the pipeline has lasted. */
export function lasting(history: readonly Seen[], holds: (pipeline: Pipeline) => boolean): Lasting {
  let atLeast = 0;
  for (const { secondsAgo, pipeline } of history) {
    if (!holds(pipeline)) return { atLeast, isNew: true };
    atLeast = secondsAgo;
  }
  return { atLeast, isNew: false };
}
