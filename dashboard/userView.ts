import { addPeriods, lengthOf, monthOf, type Range } from '../lib/stats/periods.ts';
import { ALL, type Choice, formatAddress, type Recent } from './address.ts';
import { allMonths, findMonths, type Months } from './allMonths.ts';
import { type TopUser, type Totals, userMonths } from './api.ts';
import { Refusal } from './apiError.ts';
import { find, findText, setText } from './dom.ts';
import { MEASURES } from './measures.ts';
import { rangeOf } from './rangePicker.ts';
import { SeriesView } from './seriesView.ts';

const LEAST_MONTHS = 12;

/** Totals of all time, and months. */
type Reading = Months & { readonly totals: Totals };

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
  #reading: Reading | undefined;
  #topUsers: readonly TopUser[] = [];

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
    this.#reading = undefined;
    this.#input.value = userId ?? '';
    setText(this.#name, userId ?? '');
    this.#figures.hidden = true;
    this.#say('', false);
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true });
    this.#heading.scrollIntoView({ block: 'nearest' });
  }

  /** Whether the last reading of the user is older than the top users. */
  get isOutdated(): boolean {
    const [top, read] = [this.#topUser, this.#reading?.totals];
    return Boolean(top && read && (top.orders !== read.orders || top.amount !== read.amount));
  }

  /** The totals of a top user are shown as in the table of the top users. */
  show(topUsers: readonly TopUser[]): void {
    this.#topUsers = topUsers;
    this.#showTotals();
  }

  /**
   * @param time what is read is not older
   * @throws an {@link ApiError} other than a refusal
   */
  async read(today: string, time: Date): Promise<void> {
    const [userId, asked] = [this.#userId, this.#choice];
    if (userId === undefined) return;
    const isAsked = () => userId === this.#userId && asked === this.#choice;
    try {
      const { choice, ...reading } = await readUser(userId, asked ?? this.#found, today);
      if (!isAsked()) return;
      if (!asked) this.#found = choice;
      this.#reading = reading;
      this.#showTotals();
      this.#series.show({ ...reading, today, time });
      this.#figures.hidden = false;
      this.#say('Found.', false);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!isAsked()) return;
      this.#reading = undefined;
      this.#figures.hidden = true;
      this.#say(error.message, true);
    }
  }

  get #topUser(): TopUser | undefined {
    return this.#topUsers.find(({ userId }) => userId === this.#userId);
  }

  #showTotals(): void {
    const totals = this.#topUser ?? this.#reading?.totals;
    if (!totals) return;
    for (const { name, format } of MEASURES) {
      setText(findText(this.#figures, `[data-total=${name}]`), format(totals));
    }
  }

  #say(message: string, isRefused: boolean): void {
    // Only for screen readers: the figures are visible.
    this.#message.classList.toggle('visually-hidden', !isRefused);
    setText(this.#message, message);
  }
}

async function readUser(
  userId: string,
  chosen: Choice | undefined,
  today: string,
): Promise<Reading & { choice: Choice }> {
  let totals: Totals = { orders: 0, amount: 0 };
  const read = async (range: Range) => {
    const months = await userMonths(userId, range);
    totals = months.totals;
    return months.series;
  };
  const choice = chosen ?? (await findMonths(read, today));
  if (choice === ALL) {
    const months = await allMonths(read, today);
    return { choice, ...months, totals };
  }
  const range = monthsOf(choice, today);
  const series = await read(range);
  return { choice, range, series, totals };
}

/** For a user, the API has only months: the months of the range, and enough months before them to see a trend. */
function monthsOf(choice: Recent | Range, today: string): Range {
  const { unit, from, to } = rangeOf(choice, today);
  if (unit === 'month') return { unit, from, to };
  const last = monthOf(to);
  const months: Range = { unit: 'month', from: monthOf(from), to: last };
  return lengthOf(months) < LEAST_MONTHS ? { ...months, from: addPeriods(last, 1 - LEAST_MONTHS) } : months;
}
