import type { Pipeline } from './api.ts';
import type { Seen, Situation } from './verdict.ts';

/** How long something has been so: `atLeast` as far as is known, in seconds, and whether it is known to have begun since. */
export type Lasting = { readonly atLeast: number; readonly isNew: boolean };

/** Seconds from which on something is late. */
export const LATE = 60;

/** How long a state of the pipeline has lasted. */
export function lasting(history: readonly Seen[], holds: (pipeline: Pipeline) => boolean): Lasting {
  let atLeast = 0;
  for (const { secondsAgo, pipeline } of history) {
    if (!holds(pipeline)) return { atLeast, isNew: true };
    atLeast = secondsAgo;
  }
  return { atLeast, isNew: false };
}

/** How long messages have been `waiting` or `in_flight` while no order was counted. */
export const lastingUncounted = ({ pipeline, history }: Situation, place: 'waiting' | 'in_flight'): Lasting =>
  lasting(
    history,
    ({ queue, last_count }) => last_count?.at === pipeline.last_count?.at && queue !== null && queue[place] > 0,
  );
