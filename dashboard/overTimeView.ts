import type { Range } from '../lib/stats/periods.ts';
import { ALL, type Choice } from './address.ts';
import { allMonths, findMonths } from './allMonths.ts';
import { type Figures, globalSeries, type PeriodTotals } from './api.ts';
import { findText, setText } from './dom.ts';
import { EarlierView } from './earlierView.ts';
import { countOf, formatAmount } from './format.ts';
import { RangePicker, rangeOf } from './rangePicker.ts';
import { covers, earlierThan, joined } from './ranges.ts';
import { hasOrders, rangeOfSeries, todayOf, within } from './series.ts';
import { SeriesView } from './seriesView.ts';

const BY_DEFAULT = { unit: 'day', count: 30 } as const;

/** A range, and the one that it is compared with. */
type Reading = {
  readonly choice: Choice;
  readonly range: Range;
  readonly series: readonly PeriodTotals[];
  readonly earlier?: readonly PeriodTotals[] | undefined;
};

/** Shows a range of days or months, and the totals of all time. */
export class OverTimeView {
  readonly #card = findText(document, '#over-time .card');
  readonly #all = findText(this.#card, '.all');
  readonly #series = new SeriesView(this.#card, 'Revenue', () => 'orders');
  readonly #earlier: EarlierView;
  readonly #picker: RangePicker;
  #choice: Choice | undefined;
  #found: Choice | undefined;
  #userId: string | undefined;
  #figures: Figures | undefined;

  /**
   * @param onRange gets two days or two months
   * @param onEarlier called when another range is to be compared
   */
  constructor(onRange: (range: Range) => void, onEarlier: () => void) {
    this.#picker = new RangePicker(onRange);
    const earlier = findText(this.#card, '.compare');
    findText(this.#card, '.chart').before(this.#all, earlier);
    this.#earlier = new EarlierView(earlier, onEarlier);
  }

  /** @param choice if undefined, the last days or, without orders in them, months with orders */
  choose(choice: Choice | undefined, userId: string | undefined): void {
    this.#choice = choice;
    this.#userId = userId;
  }

  /** Whether the figures do not have all of the range. */
  get needsReading(): boolean {
    return this.#figures !== undefined && !this.#known(this.#figures);
  }

  show(figures: Figures): void {
    this.#figures = figures;
    const { orders, amount } = figures.totals;
    setText(this.#all, `Since the beginning: ${countOf(orders, 'order')}, ${formatAmount(amount)}.`);
    const known = this.#known(figures);
    if (known) this.#show(known, figures);
  }

  /**
   * @param time what is read is not older
   * @throws an {@link ApiError}
   */
  async read(time: Date): Promise<void> {
    const figures = this.#figures;
    if (!figures) return;
    const [asked, { chosen }] = [this.#choice, this.#earlier];
    const reading = await this.#ask(figures);
    if (asked === this.#choice && chosen === this.#earlier.chosen) this.#show(reading, figures, time);
  }

  async #ask(figures: Figures): Promise<Reading> {
    const today = todayOf(figures);
    const known = this.#chosen(figures);
    const choice = known ?? (await findMonths(globalSeries, today));
    if (!known) this.#found = choice;
    if (choice === ALL) return { choice, ...(await allMonths(globalSeries, today)) };
    const range = rangeOf(choice, today);
    return { choice, range, ...(await readBoth(range, earlierThan(range, this.#earlier.chosen))) };
  }

  #known(figures: Figures): Reading | undefined {
    const choice = this.#chosen(figures);
    if (!choice || choice === ALL) return undefined;
    const range = rangeOf(choice, todayOf(figures));
    const earlier = earlierThan(range, this.#earlier.chosen);
    const all = rangeOfSeries(figures.days);
    if (!covers(all, range) || (earlier && !covers(all, earlier))) return undefined;
    return { choice, range, series: within(figures.days, range), earlier: earlier && within(figures.days, earlier) };
  }

  #chosen({ days }: Figures): Choice | undefined {
    if (this.#choice) return this.#choice;
    return days.slice(-BY_DEFAULT.count).some(hasOrders) ? BY_DEFAULT : this.#found;
  }

  #show({ choice, range, series, earlier }: Reading, figures: Figures, time?: Date): void {
    const today = todayOf(figures);
    this.#picker.show(choice, range, this.#userId);
    this.#earlier.show(series, earlier, today);
    this.#series.show({ range, series, earlier, today, time });
  }
}

async function readBoth(range: Range, earlier: Range | undefined): Promise<Pick<Reading, 'series' | 'earlier'>> {
  if (!earlier) return { series: await globalSeries(range) };
  const both = joined(earlier, range);
  if (both) {
    const all = await globalSeries(both);
    return { series: within(all, range), earlier: within(all, earlier) };
  }
  const [series, before] = await Promise.all([globalSeries(range), globalSeries(earlier)]);
  return { series, earlier: before };
}
