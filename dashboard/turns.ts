import type { Reader } from './reader.ts';

/** Says what to ask for next: one thing at a time, and first of all whether there is news. */
export class Turns {
  #sincePipeline = 0;
  /** The one that was read last is the last. */
  readonly #others: Reader[];

  /**
   * @param pipeline asked for by an idle page, and at least every third time
   * @param days before the others, each time that there is news
   */
  constructor(
    private readonly pipeline: Reader,
    private readonly days: Reader,
    others: readonly Reader[],
  ) {
    this.#others = [...others];
  }

  /** @param news how often there was news */
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
