import type { PeriodTotals } from './api.ts';
import { type Comparison, compare, describeChange } from './comparison.ts';
import { find, findText, setText } from './dom.ts';
import { formatAmount, formatCount, formatPeriod } from './format.ts';
import { drawSparkline } from './sparkline.ts';

const CARDS = [
  { days: 1, title: 'Today', against: 'against yesterday' },
  { days: 7, title: 'Last 7 days', against: 'against the 7 before' },
  { days: 30, title: 'Last 30 days', against: 'against the 30 before' },
] as const;

export const DAYS_NEEDED = 60;
/** More characters than this are written smaller. */
const LONG = 14;
/** A line needs more than a single day. */
const DAYS_OF_TODAYS_LINE = 14;

/** Compares orders and revenue of the last days with the days before. */
export class TodayView {
  readonly #date = findText(document, '#today-date');
  readonly #cards: readonly HTMLElement[];

  constructor() {
    const { content } = find(document, '#recent', HTMLTemplateElement);
    const parent = findText(document, '#today .cards');
    this.#cards = CARDS.map(({ title, against, days }) => {
      const card = document.createElement('article');
      card.className = 'card';
      card.dataset.days = `${days}`;
      card.append(content.cloneNode(true));
      setText(findText(card, 'h3'), title);
      setText(findText(card, '[data-show=against]'), against);
      parent.append(card);
      return card;
    });
  }

  /** @param series the last {@link DAYS_NEEDED} days up to today, without holes */
  show(series: readonly PeriodTotals[]): void {
    const today = series.at(-1)?.period;
    if (today !== undefined) setText(this.#date, formatPeriod(today, 'long'));
    for (const card of this.#cards) {
      const days = Number(card.dataset.days);
      const comparison = compare(series, days);
      const line = days === 1 ? series.slice(-DAYS_OF_TODAYS_LINE) : undefined;
      for (const measure of ['amount', 'orders'] as const) showMeasure(card, measure, comparison, line);
    }
  }
}

/** @param line only for a single day: that day and the days before it */
function showMeasure(
  card: HTMLElement,
  measure: 'amount' | 'orders',
  { now, before }: Comparison,
  line: readonly PeriodTotals[] | undefined,
): void {
  const toValue = (totals: PeriodTotals) => totals[measure];
  const format = measure === 'amount' ? formatAmount : formatCount;
  const row = findText(card, `[data-measure=${measure}]`);
  const show = (name: string, text: string) => setText(findText(row, `[data-show=${name}]`), text);
  const value = format(now[measure]);
  show('value', value);
  findText(row, '.value').classList.toggle('long', value.length > LONG);
  // Today is not over yet, so a comparison with yesterday would mislead.
  const change = line ? undefined : describeChange(now[measure], before[measure]);
  show('change', change?.text ?? '');
  show('spoken', change?.spoken ?? '');
  show('before', line ? `${format(before[measure])} yesterday` : `from ${format(before[measure])}`);
  const sparkline = line
    ? drawSparkline(line.map(toValue))
    : drawSparkline(now.days.map(toValue), before.days.map(toValue));
  findText(row, '[data-show=line]').replaceChildren(sparkline);
}
