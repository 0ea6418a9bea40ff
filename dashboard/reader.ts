import { ApiError, KeyNeeded } from './apiError.ts';

/** Something of the page that the API is asked for. */
export class Reader {
  #readAt: number | undefined;
  #failure: ApiError | undefined;

  /**
   * @param work asks and shows
   * @param isNeeded whether there is anything to ask for
   */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly isNeeded: () => boolean = () => true,
  ) {}

  /** Why it could not be read the last time, where it is still needed. */
  get failure(): ApiError | undefined {
    return this.isNeeded() ? this.#failure : undefined;
  }

  /** @param news how often there was news: what was read before the last one is stale */
  isStale(news: number): boolean {
    return this.isNeeded() && this.#readAt !== news;
  }

  /** @throws {@link KeyNeeded}; other errors of the API are kept as {@link failure} */
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
