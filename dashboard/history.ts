import type { Pipeline } from './api.ts';
import type { Seen } from './verdict.ts';

/** Counters at a time in milliseconds. */
type Sample = {
  readonly at: number;
  readonly counted: number;
  readonly results: number;
};

const KEPT_MS = 5 * 60_000;
/** Minimum period of a rate: batches come in bursts. */
const RATE_MS = 5000;

/** The counters of the last minutes. */
export class PipelineHistory {
  #samples: Sample[] = [];
  #states: { readonly at: number; readonly pipeline: Pipeline }[] = [];

  /** @param at in milliseconds of a monotonic clock */
  add(pipeline: Pipeline, at: number): void {
    this.#states = [...this.#states.filter((state) => state.at >= at - KEPT_MS), { at, pipeline }];
    const { messages } = pipeline;
    const last = this.#samples.at(-1);
    if (!messages) return;
    const results = Object.values(messages).reduce((sum, count) => sum + count, 0);
    // Lower counters mean that somebody emptied Redis.
    if (last && results < last.results) this.#samples = [];
    this.#samples.push({ at, counted: messages.counted + messages.revised, results });
    this.#samples = this.#samples.filter((sample) => sample.at >= at - KEPT_MS);
  }

  /** Orders counted or revised per second; undefined if not known yet. */
  get rate(): number | undefined {
    return this.#rateAt(this.#samples.length - 1);
  }

  get rates(): number[] {
    return this.#samples.flatMap((_, index) => this.#rateAt(index) ?? []);
  }

  /** The states before a time, the latest first. */
  seenBefore(now: number): Seen[] {
    return this.#states
      .filter(({ at }) => at < now)
      .map(({ at, pipeline }) => ({ secondsAgo: (now - at) / 1000, pipeline }))
      .reverse();
  }

  #rateAt(index: number): number | undefined {
    const end = this.#samples[index];
    const start = this.#samples.slice(0, index).findLast(({ at }) => end && at <= end.at - RATE_MS) ?? this.#samples[0];
    if (!end || !start || start === end) return undefined;
    return ((end.counted - start.counted) * 1000) / (end.at - start.at);
  }
}
