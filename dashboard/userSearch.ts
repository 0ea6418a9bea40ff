import { userStatistics } from './api.ts';
import { find, findText, setText } from './dom.ts';
import { Refusal } from './read.ts';
import { StatisticsView } from './statisticsView.ts';

/** Looks for one user, and keeps showing the one that was looked for. */
export class UserSearch {
  readonly #input = find(document, '#user-id', HTMLInputElement);
  readonly #result = findText(document, '#user-result');
  readonly #heading = findText(document, '#user-heading');
  readonly #name = findText(document, '#user-heading bdi');
  readonly #message = findText(document, '#user-message');
  readonly #view: StatisticsView;
  #userId = '';
  #isRefused = false;

  /** @param onChange told that {@link refresh} has something else to read */
  constructor(private readonly onChange: () => void) {
    this.#view = new StatisticsView(userStatistics(''), this.#result, 'Spend', onChange);
    find(document, '#user-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#choose(this.#input.value.trim());
    });
  }

  /** Shows a user who was chosen elsewhere on the page, and leads there. */
  goTo(userId: string): void {
    this.#input.value = userId;
    this.#choose(userId);
    this.#heading.focus();
  }

  /**
   * @param hasNews whether orders were counted: else a user without orders still has none
   * @throws an {@link ApiError} other than a refusal
   */
  async refresh(hasNews: boolean): Promise<void> {
    const userId = this.#userId;
    if (!userId || (this.#isRefused && !hasNews)) return;
    try {
      const totals = await this.#view.refresh();
      if (totals) this.#tell('Found.', false);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (userId !== this.#userId) return;
      // Figures that may be there from before, as when all were deleted.
      this.#view.change(userStatistics(userId));
      this.#tell(error.message, true);
    }
  }

  #choose(userId: string): void {
    if (!userId) return;
    this.#userId = userId;
    this.#result.hidden = false;
    setText(this.#name, userId);
    this.#tell('…', false);
    this.#view.change(userStatistics(userId));
    this.onChange();
  }

  #tell(message: string, isRefused: boolean): void {
    this.#isRefused = isRefused;
    // Who sees the figures needs no words.
    this.#message.classList.toggle('visually-hidden', !isRefused);
    this.#message.classList.toggle('refusal', isRefused);
    setText(this.#message, message);
  }
}
