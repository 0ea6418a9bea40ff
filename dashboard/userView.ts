import { addPeriods, lengthOf, monthOf, type Range } from '../lib/stats/periods.ts';
import { ALL, type Choice, formatAddress, type Recent } from './address.ts';
import { allMonths, findMonths, type Months } from './allMonths.ts';
import { type Figures, type TopUser, type Totals, userMonths } from './api.ts';
import { Refusal } from './apiError.ts';
import { find, findText, setText } from './dom.ts';
import { MEASURES } from './measures.ts';
import { rangeOf } from './rangePicker.ts';
import { todayOf } from './series.ts';
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
    if (choice !== this.#choice) this.#reading = undefined;
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

  /** Whether the months do not have all that the table of the top users has of this user. */
  isBehind(figures: Figures): boolean {
    const top = this.#topUserIn(figures);
    return Boolean(top && this.#reading && isOther(top, this.#reading.totals));
  }

  /** The totals of a top user are shown as in the table of the top users. */
  show(figures: Figures): void {
    const totals = this.#topUserIn(figures) ?? this.#reading?.totals;
    if (!totals) return;
    for (const { name, format } of MEASURES) {
      setText(findText(this.#figures, `[data-total=${name}]`), format(totals));
    }
  }

  /**
   * @param time what is read is not older
   * @throws an {@link ApiError} other than a refusal
   */
  async read(figures: Figures, time: Date): Promise<void> {
    const [userId, asked] = [this.#userId, this.#choice];
    if (userId === undefined) return;
    const isAsked = () => userId === this.#userId && asked === this.#choice;
    const today = todayOf(figures);
    try {
      const { choice, ...reading } = await readUser(userId, asked ?? this.#found, today);
      if (!isAsked()) return;
      const top = this.#topUserIn(figures);
      // It has an order that the table does not have yet.
      if (top && this.#reading && isOther(top, reading.totals)) return;
      if (!asked) this.#found = choice;
      this.#reading = reading;
      this.show(figures);
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

  #topUserIn({ topUsers }: Figures): TopUser | undefined {
    return topUsers.find(({ userId }) => userId === this.#userId);
  }

  #say(message: string, isRefused: boolean): void {
    // Only for screen readers: the figures are visible.
    this.#message.classList.toggle('visually-hidden', !isRefused);
    setText(this.#message, message);
  }
}

const isOther = (one: Totals, other: Totals): boolean => one.orders !== other.orders || one.amount !== other.amount;

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
