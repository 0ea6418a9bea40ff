import { ApiError, KeyNeeded } from './apiError.ts';

/** Loads a part of the page from the API. */
export class Reader {
  #readAt: number | undefined;
  #failure: ApiError | undefined;

  /**
   * @param work calls the API and shows the result
   * @param isNeeded whether the part is shown
   */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly isNeeded: () => boolean = () => true,
  ) {}

  /** The last error, if the part is still needed. */
  get failure(): ApiError | undefined {
    return this.isNeeded() ? this.#failure : undefined;
  }

  /** @param news number of changes so far: a part that was read before the last change is stale */
  isStale(news: number): boolean {
    return this.isNeeded() && this.#readAt !== news;
  }

  /** @throws {@link KeyNeeded}; other API errors become {@link failure} */
  async read(news: number): Promise<void> {
    this.#readAt = news;
    try {
      await this.work();
      this.#failure = undefined;
    } catch (error) {
      this.#readAt = undefined;
      if (!(error instanceof ApiError) || error instanceof KeyNeeded) throw error;
      this.#failure = error;
    }
  }
}
