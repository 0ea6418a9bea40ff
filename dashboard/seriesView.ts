import { currentPeriod, type Range } from '../lib/stats/periods.ts';
import type { PeriodTotals, RangeTotals, Totals } from './api.ts';
import { Chart } from './chart.ts';
import { plainAmount, saveCsv, toCsv } from './csv.ts';
import { find, findText, setText, tableRow } from './dom.ts';
import { countOf, formatAmount, formatAverage, formatCount, formatPeriod, formatRange } from './format.ts';
import { withoutHoles } from './series.ts';

export type Shown = {
  readonly range: Range;
  readonly totals: RangeTotals;
  readonly today: string;
};

/** Shows the orders of a range: totals, a chart, a table, and a CSV download. */
export class SeriesView {
  readonly #root: HTMLElement;
  readonly #chart: Chart;
  readonly #saveButton: HTMLButtonElement;
  #series: readonly PeriodTotals[] = [];
  #range: Range | undefined;
  #inRange = 0;
  #all = 0;

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

  show({ range, totals, today }: Shown): void {
    this.#series = withoutHoles(range, totals.periods);
    this.#range = range;
    this.#inRange = totals.orders;
    this.#showOutside();
    const show = (name: string, text: string) => setText(findText(this.#root, `[data-show=${name}]`), text);
    show('range', formatRange(range));
    show('amount', formatAmount(totals.amount));
    show('orders', formatCount(totals.orders));
    show('average', formatAverage(totals.amount, totals.orders));
    const isEmpty = totals.orders === 0 && totals.periods.length === 0;
    findText(this.#root, '[data-show=none]').hidden = !isEmpty;
    findText(this.#root, '.chart').hidden = isEmpty;
    show('none', `No orders ${range.from === range.to ? 'in' : 'from'} ${formatRange(range).replace('–', 'to')}.`);
    this.#chart.show(this.#series, today);
    this.#showTable(range, today);
    this.#saveButton.disabled = false;
  }

  /** @param totals of all orders, in and outside of the range */
  showAll({ orders }: Totals): void {
    this.#all = orders;
    this.#showOutside();
  }

  #showOutside(): void {
    // The difference is negative if orders were counted between the two reads.
    const outside = Math.max(0, this.#all - this.#inRange);
    const words = `${countOf(outside, 'order')} ${outside === 1 ? 'lies' : 'lie'} outside of this range.`;
    setText(findText(this.#root, '[data-show=outside]'), outside > 0 && this.#range ? words : '');
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
