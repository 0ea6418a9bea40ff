import { lastPeriods, type Range } from '../lib/stats/periods.ts';
import type { Choice } from './address.ts';
import { globalStatistics, type RangeTotals, type Totals } from './api.ts';
import { findText } from './dom.ts';
import { findMonths } from './findMonths.ts';
import { RangePicker, rangeOf } from './rangePicker.ts';
import { sumOf } from './series.ts';
import { SeriesView } from './seriesView.ts';

const BY_DEFAULT = { unit: 'day', count: 30 } as const;

/** The last days, which the page already has. */
export type Recent = { readonly range: Range; readonly totals: RangeTotals };

export class OverTimeView {
  readonly #series = new SeriesView(findText(document, '#over-time .card'), 'Revenue', () => 'orders');
  readonly #picker: RangePicker;
  #choice: Choice | undefined;
  #found: Choice | undefined;
  #userId: string | undefined;

  /** @param onChoose gets two days or two months */
  constructor(onChoose: (range: Range) => void) {
    this.#picker = new RangePicker(onChoose);
  }

  /** @param choice if undefined, the last days or, without orders in them, months with orders */
  choose(choice: Choice | undefined, userId: string | undefined): void {
    this.#choice = choice;
    this.#userId = userId;
  }

  showAll(totals: Totals): void {
    this.#series.showAll(totals);
  }

  /** Whether {@link refresh} has to ask the API. */
  needsMore(recent: Recent, today: string): boolean {
    const choice = this.#current(recent, today);
    return !choice || !covers(recent.range, rangeOf(choice, today));
  }

  /** @throws an {@link ApiError} */
  async refresh(recent: Recent, today: string): Promise<void> {
    const asked = this.#choice;
    const choice = this.#current(recent, today);
    if (!choice) {
      const found = await findMonths(globalStatistics, today);
      if (found.totals.periods.length > 0) this.#found = found.choice;
      if (asked === this.#choice) this.#show(found.choice, found.range, found.totals, today);
      return;
    }
    const range = rangeOf(choice, today);
    const totals = covers(recent.range, range) ? within(recent.totals, range) : await globalStatistics.range(range);
    if (asked === this.#choice) this.#show(choice, range, totals, today);
  }

  #current(recent: Recent, today: string): Choice | undefined {
    if (this.#choice) return this.#choice;
    const range = lastPeriods(BY_DEFAULT.unit, BY_DEFAULT.count, today);
    return within(recent.totals, range).periods.length > 0 ? BY_DEFAULT : this.#found;
  }

  #show(choice: Choice, range: Range, totals: RangeTotals, today: string): void {
    this.#series.show({ range, totals, today });
    this.#picker.show(choice, this.#userId, today);
  }
}

const covers = (outer: Range, inner: Range): boolean =>
  outer.unit === inner.unit && outer.from <= inner.from && inner.to <= outer.to;

function within({ periods }: RangeTotals, { from, to }: Range): RangeTotals {
  const inside = periods.filter(({ period }) => from <= period && period <= to);
  return { ...sumOf(inside), periods: inside };
}
