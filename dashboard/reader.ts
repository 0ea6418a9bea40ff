import { ApiError, KeyNeeded } from './apiError.ts';

/** While there is news at every turn, so long a part stays as it is. */
const STALE_MS = 10_000;
/** A part is read again after this time even without news, because an operator may have changed Redis. */
const OLD_MS = 60_000;

/** A part of the page that the overview does not have. */
export class Reader {
  #news: unknown;
  #readAt: number | undefined;
  #failure: ApiError | undefined;

  /**
   * @param work calls the API and shows the result
   * @param isNeeded whether the part is shown, and the overview does not have it
   */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly isNeeded: () => boolean,
  ) {}

  /** The last error, if the part is still needed. */
  get failure(): ApiError | undefined {
    return this.isNeeded() ? this.#failure : undefined;
  }

  /** Has the part read at the next occasion. */
  expire(): void {
    this.#readAt = undefined;
  }

  /** @param news changes when there may be something new */
  isDue(news: unknown, now: number): boolean {
    if (!this.isNeeded()) return false;
    return this.#readAt === undefined || now - this.#readAt >= (news === this.#news ? OLD_MS : STALE_MS);
  }

  /** @throws {@link KeyNeeded}; other API errors become {@link failure} */
  async read(news: unknown, now: number): Promise<void> {
    this.#news = news;
    this.#readAt = now;
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
