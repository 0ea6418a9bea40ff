import type { Statistics, Totals } from './api.ts';
import { find, findText, setText } from './dom.ts';
import { type Direction, findPeriod } from './findPeriod.ts';
import { MonthsView } from './monthsView.ts';
import { sameTotals, showTotals } from './totals.ts';

/** The statistics of everybody or of one user: totals and months. */
export class StatisticsView {
  readonly #element: HTMLElement;
  readonly #months: MonthsView;
  readonly #hint: HTMLElement;
  #statistics: Statistics;
  #shown: Totals | undefined;
  #index: number | undefined;
  #step: Direction | undefined;

  /**
   * @param parent gets the view as its last child
   * @param amountName what the sum of orders is called, such as Revenue
   * @param onStep told that another period is asked for, which the next {@link refresh} shows
   */
  constructor(statistics: Statistics, parent: HTMLElement, amountName: string, onStep: () => void) {
    this.#statistics = statistics;
    const { content } = find(document, '#statistics', HTMLTemplateElement);
    this.#element = document.createElement('div');
    this.#element.className = 'statistics';
    this.#element.append(content.cloneNode(true));
    parent.append(this.#element);
    for (const name of this.#element.querySelectorAll('[data-name=amount]')) setText(name, amountName);
    this.#months = new MonthsView(findText(this.#element, '[data-show=months]'), amountName);
    this.#hint = findText(this.#element, '[data-show=hint]');
    for (const direction of ['earlier', 'later'] as const) {
      find(this.#element, `[data-step=${direction}]`, HTMLButtonElement).addEventListener('click', () => {
        this.#step = direction;
        onStep();
      });
    }
  }

  /** From now on shows other statistics, hidden until they are there. */
  change(statistics: Statistics): void {
    this.#statistics = statistics;
    this.#shown = undefined;
    this.#index = undefined;
    this.#step = undefined;
    this.#element.hidden = true;
  }

  /**
   * Reads the totals, and the months only where the totals are others than before.
   *
   * @returns the totals; undefined where other statistics were asked for in the meantime
   * @throws an {@link ApiError}
   */
  async refresh(): Promise<Totals | undefined> {
    const statistics = this.#statistics;
    const totals = await statistics.totals();
    if (statistics !== this.#statistics) return;
    if (sameTotals(totals, this.#shown) && !this.#step) return totals;
    const step = this.#step;
    const found = await findPeriod(statistics, this.#index, step);
    if (statistics !== this.#statistics) return;
    this.#element.hidden = false;
    showTotals(this.#element, totals);
    this.#months.show(found.totals, found.period, totals);
    setText(this.#hint, step && found.index === this.#index ? `There are none ${step}.` : '');
    this.#shown = totals;
    this.#index = found.totals.orders > 0 ? found.index : undefined;
    if (step === this.#step) this.#step = undefined;
    return totals;
  }
}
