import { addPeriods, lengthOf, monthOf, type Range } from '../lib/stats/periods.ts';
import { type Choice, formatAddress } from './address.ts';
import { type Statistics, userStatistics } from './api.ts';
import { Refusal } from './apiError.ts';
import { find, findText, setText } from './dom.ts';
import { type Found, findMonths } from './findMonths.ts';
import { formatAmount, formatAverage, formatCount } from './format.ts';
import { rangeOf } from './rangePicker.ts';
import { SeriesView } from './seriesView.ts';

const LEAST_MONTHS = 12;

/** Shows the user whose id is in the address, and searches for others. */
export class UserView {
  readonly #input = find(document, '#user-id', HTMLInputElement);
  readonly #result = findText(document, '#user-result');
  readonly #heading = findText(document, '#user-heading');
  readonly #name = findText(document, '#user-heading bdi');
  readonly #message = findText(document, '#user-message');
  readonly #figures = findText(document, '#user-figures');
  readonly #back = find(document, '#user-back', HTMLAnchorElement);
  readonly #series: SeriesView;
  #userId: string | undefined;
  #choice: Choice | undefined;
  #found: Choice | undefined;

  constructor(onSearch: (userId: string) => void) {
    this.#series = new SeriesView(this.#figures, 'Spend', () => `user-${this.#userId}`);
    find(document, '#user-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const userId = this.#input.value.trim();
      if (userId) onSearch(userId);
    });
  }

  /** @param choice the range of the whole page */
  choose(userId: string | undefined, choice: Choice | undefined): void {
    this.#back.href = formatAddress({ choice });
    this.#choice = choice;
    document.body.dataset.user = userId === undefined ? 'none' : 'some';
    this.#result.hidden = userId === undefined;
    if (userId === this.#userId) return;
    this.#userId = userId;
    this.#found = undefined;
    this.#input.value = userId ?? '';
    setText(this.#name, userId ?? '');
    this.#figures.hidden = true;
    this.#say('…', false);
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true });
    this.#heading.scrollIntoView({ block: 'nearest' });
  }

  /** @throws an {@link ApiError} other than a refusal */
  async readTotals(): Promise<void> {
    await this.#read(
      (statistics) => statistics.totals(),
      (totals) => {
        this.#series.showAll(totals);
        setText(findText(this.#figures, '[data-total=amount]'), formatAmount(totals.amount));
        setText(findText(this.#figures, '[data-total=orders]'), formatCount(totals.orders));
        setText(findText(this.#figures, '[data-total=average]'), formatAverage(totals.amount, totals.orders));
        this.#figures.hidden = false;
        this.#say('Found.', false);
      },
    );
  }

  /** @throws an {@link ApiError} other than a refusal */
  async readMonths(today: string): Promise<void> {
    const choice = this.#choice ?? this.#found;
    const read = async (statistics: Statistics): Promise<Found> => {
      if (!choice) return findMonths(statistics, today);
      const range = monthsOf(choice, today);
      return { choice, range, totals: await statistics.range(range) };
    };
    await this.#read(read, ({ choice, range, totals }) => {
      if (totals.periods.length > 0) this.#found = choice;
      this.#series.show({ range, totals, today });
    });
  }

  /** Shows the result, unless another user or range was chosen meanwhile. */
  async #read<Read>(read: (statistics: Statistics) => Promise<Read>, show: (read: Read) => void): Promise<void> {
    const [userId, choice] = [this.#userId, this.#choice];
    if (userId === undefined) return;
    const isShown = () => userId === this.#userId && choice === this.#choice;
    try {
      const found = await read(userStatistics(userId));
      if (isShown()) show(found);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!isShown()) return;
      this.#figures.hidden = true;
      this.#say(error.message, true);
    }
  }

  #say(message: string, isRefused: boolean): void {
    // Only for screen readers: the figures are visible.
    this.#message.classList.toggle('visually-hidden', !isRefused);
    setText(this.#message, message);
  }
}

/** For a user, the API has only months: the months of the range, and enough months before them to see a trend. */
function monthsOf(choice: Choice, today: string): Range {
  const { unit, from, to } = rangeOf(choice, today);
  if (unit === 'month') return { unit, from, to };
  const last = monthOf(to);
  const months: Range = { unit: 'month', from: monthOf(from), to: last };
  return lengthOf(months) < LEAST_MONTHS ? { ...months, from: addPeriods(last, 1 - LEAST_MONTHS) } : months;
}
