import type { Reader } from './reader.ts';

/** Decides which part to read next. */
export class Turns {
  #sincePipeline = 0;
  /** Least recently read first. */
  readonly #others: Reader[];

  /**
   * @param pipeline read whenever nothing else is stale, and at least every third time
   * @param days read before the others when there is news
   */
  constructor(
    private readonly pipeline: Reader,
    private readonly days: Reader,
    others: readonly Reader[],
  ) {
    this.#others = [...others];
  }

  /** @param news see {@link Reader.isStale} */
  next(news: number): Reader {
    const isDaysStale = this.days.isStale(news);
    const other = this.#others.findIndex((reader) => reader.isStale(news));
    this.#sincePipeline++;
    if (isDaysStale && (this.#sincePipeline === 1 || (this.#sincePipeline === 2 && other < 0))) return this.days;
    const [next] = this.#sincePipeline <= 2 && other >= 0 ? this.#others.splice(other, 1) : [];
    if (next) {
      this.#others.push(next);
      return next;
    }
    this.#sincePipeline = 0;
    return this.pipeline;
  }
}
