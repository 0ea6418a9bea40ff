import type { Figures, Totals } from './api.ts';
import { type Comparison, compareDays, compareHours, describeChange } from './comparison.ts';
import { find, findText, setText } from './dom.ts';
import { formatHour, formatPeriod, UNKNOWN } from './format.ts';
import { MEASURES, type Measure, wordsOf } from './measures.ts';
import { drawSparkline } from './sparkline.ts';

/** More characters than this are written smaller. */
const LONG = 14;

/** Numbers of whole days that are compared with as many before them. */
const COUNTS = [7, 30] as const;

/** Compares today so far, and the last whole days, with the time before. */
export class TodayView {
  readonly #date = findText(document, '#today-date');
  readonly #today = newCard(1, 'Today', 'so far');
  readonly #cards = COUNTS.map((count) => ({
    count,
    card: newCard(count, `Last ${count} days`, 'up to yesterday'),
  }));

  show({ hours, days }: Figures): void {
    const [weekAgo, yesterday, today] = [days.at(-8), days.at(-2), days.at(-1)];
    if (!weekAgo || !yesterday || !today) return;
    setText(this.#date, formatPeriod(today.period, 'long'));
    const soFar = compareHours(hours, today.period, yesterday.period);
    const until = soFar.until === undefined ? undefined : formatHour(soFar.until);
    for (const measure of MEASURES) {
      const words = (totals: Totals) => wordsOf(measure, totals);
      showMeasure(this.#today, measure, {
        value: today,
        comparison: soFar,
        // Before the first hour is full, there is nothing to compare.
        against: until && `until ${until}, ${words(soFar.now)} against ${words(soFar.before)} yesterday`,
        others: `Whole days: ${words(yesterday)} yesterday, ${words(weekAgo)} a week ago`,
      });
    }
    for (const { count, card } of this.#cards) {
      const comparison = compareDays(days, count);
      for (const measure of MEASURES) {
        showMeasure(card, measure, {
          value: comparison.now,
          comparison,
          against: `from ${wordsOf(measure, comparison.before)} in the ${count} days before`,
        });
      }
    }
  }
}

type Row = {
  readonly value: Totals;
  readonly comparison: Comparison;
  /** What the change refers to, in words. Without it, there is no change. */
  readonly against: string | undefined;
  readonly others?: string;
};

function showMeasure(
  card: HTMLElement,
  { name, of, format }: Measure,
  { value, comparison, against, others }: Row,
): void {
  const row = findText(card, `[data-measure=${name}]`);
  const show = (part: string, text: string) => setText(findText(row, `[data-show=${part}]`), text);
  const { now, before, line } = comparison;
  const isCompared = against !== undefined && format(now) !== UNKNOWN;
  const change = isCompared ? describeChange(of(now), of(before)) : undefined;
  const text = format(value);
  show('value', text);
  findText(row, '.value').classList.toggle('long', text.length > LONG);
  show('change', change?.text ?? '');
  show('spoken', change?.spoken ?? '');
  show('before', against ?? '');
  show('others', others ?? '');
  findText(row, '[data-show=line]').replaceChildren(drawSparkline(line.now.map(of), line.before.map(of)));
}

function newCard(days: number, title: string, against: string): HTMLElement {
  const card = document.createElement('article');
  card.className = 'card';
  card.dataset.days = `${days}`;
  card.append(find(document, '#recent', HTMLTemplateElement).content.cloneNode(true));
  setText(findText(card, 'h3'), title);
  setText(findText(card, '[data-show=against]'), against);
  for (const measure of MEASURES) card.append(newMeasure(measure));
  findText(document, '#today .cards').append(card);
  return card;
}

function newMeasure({ name, title }: Measure): HTMLElement {
  const row = document.createElement('div');
  row.className = 'measure';
  row.dataset.measure = name;
  row.append(find(document, '#measure', HTMLTemplateElement).content.cloneNode(true));
  setText(findText(row, 'h4'), title);
  return row;
}
