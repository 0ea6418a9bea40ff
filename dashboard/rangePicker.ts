import { addPeriods, lastPeriods, monthOf, type Range, type Unit } from '../lib/stats/periods.ts';
import { ALL, type Choice, formatAddress, isRecent, problemOf, type Recent } from './address.ts';
import { find, findText, setText } from './dom.ts';

const LINKS: readonly { readonly choice: Choice; readonly name: string }[] = [
  { choice: { unit: 'day', count: 30 }, name: '30 days' },
  { choice: { unit: 'day', count: 90 }, name: '90 days' },
  { choice: { unit: 'month', count: 12 }, name: '12 months' },
  { choice: { unit: 'month', count: 120 }, name: '10 years' },
  { choice: ALL, name: 'All' },
];

export const rangeOf = (choice: Recent | Range, today: string): Range =>
  isRecent(choice) ? lastPeriods(choice.unit, choice.count, today) : choice;

/** Changes the range through the address of the page. */
export class RangePicker {
  readonly #form = find(document, '#range-form', HTMLFormElement);
  readonly #from = find(document, '#range-from', HTMLInputElement);
  readonly #to = find(document, '#range-to', HTMLInputElement);
  readonly #unit = find(document, '#range-unit', HTMLSelectElement);
  readonly #problem = findText(document, '#range-problem');
  readonly #links = LINKS.map((target) => ({ ...target, link: document.createElement('a') }));

  /** @param onChoose gets a range of days or months */
  constructor(onChoose: (range: Range) => void) {
    for (const { name, link } of this.#links) {
      link.textContent = name;
      findText(document, '#range-links').append(link);
    }
    this.#unit.addEventListener('change', () => this.#fill(this.#chosenUnit(), this.#from.value, this.#to.value));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const [from, to] = [this.#from.value, this.#to.value];
      const problem = problemOf(from, to);
      setText(this.#problem, problem ?? '');
      if (!problem) onChoose({ unit: this.#chosenUnit(), from, to });
    });
  }

  /** @param userId stays in the address */
  show(shown: Choice, range: Range, userId: string | undefined): void {
    for (const { choice, link } of this.#links) {
      link.href = formatAddress({ userId, choice });
      if (formatAddress({ choice }) === formatAddress({ choice: shown })) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    // Leave the form alone while somebody uses it.
    if (this.#form.contains(document.activeElement)) return;
    this.#unit.value = range.unit;
    this.#fill(range.unit, range.from, range.to);
    setText(this.#problem, '');
  }

  #chosenUnit(): Unit {
    return this.#unit.value === 'month' ? 'month' : 'day';
  }

  #fill(unit: Unit, from: string, to: string): void {
    for (const [input, value] of [
      [this.#from, unit === 'month' ? monthOf(from) : firstDay(from)],
      [this.#to, unit === 'month' ? monthOf(to) : lastDay(to)],
    ] as const) {
      // First the type, because the value would not fit the old one.
      input.type = unit === 'month' ? 'month' : 'date';
      input.value = value;
    }
  }
}

const isMonth = (period: string): boolean => period.length === 'YYYY-MM'.length;
const firstDay = (period: string): string => (isMonth(period) ? `${period}-01` : period);
const lastDay = (period: string): string => (isMonth(period) ? addPeriods(`${addPeriods(period, 1)}-01`, -1) : period);
