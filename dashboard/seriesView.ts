import { currentPeriod, type Range } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { Chart } from './chart.ts';
import { plainAmount, saveCsv, toCsv } from './csv.ts';
import { find, findText, setText, tableRow } from './dom.ts';
import { formatAmount, formatAverage, formatCount, formatPeriod, formatRange, formatTime } from './format.ts';
import { hasOrders, sumOf } from './series.ts';

export type Shown = {
  readonly range: Range;
  /** Every period of the range. */
  readonly series: readonly PeriodTotals[];
  /** As many periods of an earlier range, to compare with. */
  readonly earlier?: readonly PeriodTotals[] | undefined;
  readonly today: string;
  /** Of the figures, if they are older than the others of the page. */
  readonly time?: Date | undefined;
};

/** Shows the orders of a range: totals, a chart, a table, and a CSV download. */
export class SeriesView {
  readonly #root: HTMLElement;
  readonly #chart: Chart;
  readonly #saveButton: HTMLButtonElement;
  #series: readonly PeriodTotals[] = [];
  #range: Range | undefined;

  /**
   * @param parent gets the view as its last child
   * @param amountName such as Revenue
   * @param fileName of the download, before the range
   */
  constructor(
    parent: HTMLElement,
    private readonly amountName: string,
    private readonly fileName: () => string,
  ) {
    this.#root = document.createElement('div');
    this.#root.className = 'series';
    this.#root.append(find(document, '#series', HTMLTemplateElement).content.cloneNode(true));
    parent.append(this.#root);
    // Not every browser makes scrollable elements focusable.
    findText(this.#root, '.scroll').tabIndex = 0;
    for (const element of this.#root.querySelectorAll('[data-name=amount]')) setText(element, amountName);
    this.#chart = new Chart(this.#root, amountName);
    this.#saveButton = find(this.#root, '[data-do=save]', HTMLButtonElement);
    this.#saveButton.addEventListener('click', () => this.#save());
  }

  show({ range, series, earlier, today, time }: Shown): void {
    this.#series = series;
    this.#range = range;
    const totals = sumOf(series);
    const show = (name: string, text: string) => setText(findText(this.#root, `[data-show=${name}]`), text);
    show('range', formatRange(range));
    show('time', time ? `as of ${formatTime(time)}` : '');
    show('amount', formatAmount(totals.amount));
    show('orders', formatCount(totals.orders));
    show('average', formatAverage(totals.amount, totals.orders));
    const isEmpty = !series.some(hasOrders);
    findText(this.#root, '[data-show=none]').hidden = !isEmpty;
    findText(this.#root, '.chart').hidden = isEmpty;
    show('none', `No orders ${range.from === range.to ? 'in' : 'from'} ${formatRange(range).replace('–', 'to')}.`);
    this.#chart.show(series, today, earlier);
    this.#showTable(range, today);
    this.#saveButton.disabled = false;
  }

  #showTable({ unit }: Range, today: string): void {
    setText(findText(this.#root, '[data-show=unit]'), unit === 'day' ? 'Day' : 'Month');
    findText(this.#root, '.scroll').setAttribute('aria-label', `${this.amountName} by ${unit}`);
    setText(findText(this.#root, 'summary'), unit === 'day' ? 'Days as a table' : 'Months as a table');
    find(this.#root, 'tbody', HTMLTableSectionElement).replaceChildren(
      ...this.#series.map(({ period, orders, amount }) => {
        const name = formatPeriod(period, unit === 'day' ? 'middle' : 'long');
        const row = tableRow(period === currentPeriod(unit, today) ? `${name}, so far` : name, [
          formatCount(orders),
          formatAmount(amount),
        ]);
        return row;
      }),
    );
  }

  #save(): void {
    if (!this.#range) return;
    const { unit, from, to } = this.#range;
    const rows = this.#series.map(({ period, orders, amount }) => [period, `${orders}`, plainAmount(amount)]);
    saveCsv(`${this.fileName()}-${from}-to-${to}`, toCsv([unit, 'orders', this.amountName.toLowerCase()], rows));
  }
}
