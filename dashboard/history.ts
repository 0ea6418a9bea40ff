import type { Pipeline } from './api.ts';
import type { Seen } from './verdict.ts';

const KEPT_MS = 5 * 60_000;

/** The states of the pipeline in the last minutes. */
export class PipelineHistory {
  #states: { readonly at: number; readonly pipeline: Pipeline }[] = [];

  /** @param at in milliseconds of a monotonic clock */
  add(pipeline: Pipeline, at: number): void {
    this.#states = [...this.#states.filter((state) => state.at >= at - KEPT_MS), { at, pipeline }];
  }

  /** The known ones. */
  get rates(): number[] {
    return this.#states.flatMap(({ pipeline }) => pipeline.rate ?? []);
  }

  /** The states before a time, the latest first. */
  seenBefore(now: number): Seen[] {
    return this.#states
      .filter(({ at }) => at < now)
      .map(({ at, pipeline }) => ({ secondsAgo: (now - at) / 1000, pipeline }))
      .reverse();
  }
}
