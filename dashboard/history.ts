import type { Pipeline } from './api.ts';

/** Counters at a time in milliseconds. */
type Sample = { readonly at: number; readonly counted: number; readonly results: number };

const KEPT_MS = 5 * 60_000;
/** Minimum period of a rate: batches come in bursts. */
const RATE_MS = 5000;

/** The counters of the last minutes. */
export class PipelineHistory {
  #samples: Sample[] = [];
  #waitingSince: number | undefined;
  #inFlightSince: number | undefined;

  /**
   * @param at in milliseconds of a monotonic clock
   * @returns whether there were new results
   */
  add({ messages, queue }: Pipeline, at: number): boolean {
    const last = this.#samples.at(-1);
    if (!messages) {
      this.#waitingSince = undefined;
      this.#inFlightSince = undefined;
      return false;
    }
    const results = Object.values(messages).reduce((sum, count) => sum + count, 0);
    const hasNews = results !== last?.results;
    // Lower counters mean that somebody emptied Redis.
    if (last && results < last.results) this.#samples = [];
    this.#samples.push({ at, counted: messages.counted + messages.revised, results });
    this.#samples = this.#samples.filter((sample) => sample.at >= at - KEPT_MS);
    this.#waitingSince = since(this.#waitingSince, at, !hasNews && queue !== null && queue.waiting > 0);
    this.#inFlightSince = since(this.#inFlightSince, at, !hasNews && queue !== null && queue.in_flight > 0);
    return hasNews;
  }

  /** Orders counted or revised per second; undefined if not known yet. */
  get rate(): number | undefined {
    return this.#rateAt(this.#samples.length - 1);
  }

  get rates(): number[] {
    return this.#samples.flatMap((_, index) => this.#rateAt(index) ?? []);
  }

  /** For how long messages have been waiting without any new result, in milliseconds. */
  waitingFor(now: number): number {
    return this.#waitingSince === undefined ? 0 : now - this.#waitingSince;
  }

  /** For how long messages have been in flight without any new result, in milliseconds. */
  inFlightFor(now: number): number {
    return this.#inFlightSince === undefined ? 0 : now - this.#inFlightSince;
  }

  #rateAt(index: number): number | undefined {
    const end = this.#samples[index];
    const start = this.#samples.slice(0, index).findLast(({ at }) => end && at <= end.at - RATE_MS) ?? this.#samples[0];
    if (!end || !start || start === end) return undefined;
    return ((end.counted - start.counted) * 1000) / (end.at - start.at);
  }
}

const since = (before: number | undefined, at: number, holds: boolean): number | undefined =>
  holds ? (before ?? at) : undefined;
