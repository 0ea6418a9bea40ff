import type { MonthTotals, Period, PeriodTotals, Totals } from './api.ts';
import { Chart, WHOLE_STEPS } from './chart.ts';
import { find, findText, setText, tableRow } from './dom.ts';
import { formatAmount, formatCount, formatMonth, formatOrders, formatPeriod } from './format.ts';
import { withoutGaps } from './months.ts';

/** Shows the months of a period: as charts, as a table, and how many orders lie outside. */
export class MonthsView {
  readonly #charts: readonly { readonly chart: Chart; readonly name: string }[];
  readonly #range: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #outside: HTMLElement;
  readonly #navigation: HTMLElement;
  readonly #rows: HTMLTableSectionElement;
  #months: readonly MonthTotals[] = [];
  #pointed: number | undefined;

  /** @param amountName what the sum of orders is called, such as Revenue */
  constructor(root: HTMLElement, amountName: string) {
    this.#range = findText(root, '[data-show=range]');
    this.#readout = findText(root, '[data-show=readout]');
    this.#outside = findText(root, '[data-show=outside]');
    this.#navigation = findText(root, '[data-show=navigation]');
    this.#rows = find(root, 'tbody', HTMLTableSectionElement);
    const shared = {
      group: amountName,
      onPoint: (index: number | undefined) => {
        this.#pointed = index;
        this.#showReadout();
      },
    };
    const orders = new Chart(findText(root, '[data-chart=orders]'), {
      ...shared,
      value: (month) => month.orders,
      color: '--orders',
      steps: WHOLE_STEPS,
      hasMonthNames: false,
    });
    const amounts = new Chart(findText(root, '[data-chart=amount]'), {
      ...shared,
      value: (month) => month.amount,
      color: '--amount',
      hasMonthNames: true,
    });
    this.#charts = [
      { chart: orders, name: 'Orders' },
      { chart: amounts, name: amountName },
    ];
  }

  /** @param all what the orders of the period are a part of */
  show(found: PeriodTotals, period: Period, all: Totals): void {
    this.#months = withoutGaps(found.months);
    const first = this.#months.at(0)?.month ?? period.from;
    const last = this.#months.at(-1)?.month ?? period.to;
    setText(this.#range, formatPeriod(first, last));
    for (const { chart, name } of this.#charts)
      chart.show(this.#months, `${name} a month, ${formatPeriod(first, last)}`);
    this.#showReadout();
    this.#rows.replaceChildren(
      ...found.months.map(({ month, orders, amount }) =>
        tableRow(formatMonth(month), [formatCount(orders), formatAmount(amount)]),
      ),
    );
    // Below zero where orders were counted between the two readings.
    const outside = Math.max(0, all.orders - found.orders);
    const verb = outside === 1 ? 'lies' : 'lie';
    setText(this.#outside, `${formatOrders(outside)} ${verb} outside ${formatPeriod(period.from, period.to)}.`);
    this.#navigation.hidden = outside === 0;
  }

  #showReadout(): void {
    const month = this.#pointed === undefined ? undefined : this.#months[this.#pointed];
    const text = month
      ? `${formatMonth(month.month)}: ${formatOrders(month.orders)}, ${formatAmount(month.amount)}`
      : '';
    setText(this.#readout, text);
  }
}
