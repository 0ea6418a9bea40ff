import { currentPeriod, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { drawChart, type Picture } from './chartPicture.ts';
import type { Slot } from './chartSlots.ts';
import { findText, newElement } from './dom.ts';
import { countOf, formatAmount, formatAverage, formatPeriod, formatRange } from './format.ts';
import { fold, type Gap } from './series.ts';

/** Between a bar and its note, in pixels. */
const DISTANCE = 10;

/** A bar chart. The mouse or the arrow keys select a bar, and a note beside it shows its values. */
export class Chart {
  readonly #area: HTMLElement;
  readonly #band: HTMLElement;
  readonly #note: HTMLElement;
  #entries: readonly (PeriodTotals | Gap)[] = [];
  #today = '';
  #picture: Picture | undefined;
  #pointed: number | undefined;

  /** @param amountName such as Revenue */
  constructor(
    root: HTMLElement,
    private readonly amountName: string,
  ) {
    this.#area = findText(root, '.chart');
    this.#band = findText(root, '.chart .band');
    this.#note = findText(root, '.chart .note');
    new ResizeObserver(() => this.#draw()).observe(this.#area);
    this.#area.addEventListener('pointermove', ({ clientX }) => this.#pointAt(this.#slotAt(clientX)));
    this.#area.addEventListener('pointerleave', () => this.#pointAt(undefined));
    this.#area.addEventListener('focus', () => {
      if (this.#area.matches(':focus-visible')) this.#pointAt(this.#pointed ?? this.#entries.length - 1);
    });
    this.#area.addEventListener('blur', () => this.#pointAt(undefined));
    this.#area.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** @param series without holes */
  show(series: readonly PeriodTotals[], today: string): void {
    this.#entries = fold(series);
    this.#today = today;
    const [from, to] = [series.at(0)?.period ?? today, series.at(-1)?.period ?? today];
    const name = `${this.amountName} and orders by ${unitOf(from)}, ${formatRange({ from, to })}`;
    this.#area.setAttribute('aria-label', name);
    this.#area.setAttribute('aria-valuemax', `${Math.max(0, this.#entries.length - 1)}`);
    this.#draw();
  }

  #draw(): void {
    const width = this.#area.clientWidth;
    if (width === 0 || this.#entries.length === 0) return;
    const picture = drawChart(this.#entries, { width, today: this.#today, amountName: this.amountName });
    if (this.#picture) this.#picture.element.replaceWith(picture.element);
    else this.#area.append(picture.element);
    this.#picture = picture;
    this.#pointAt(this.#pointed);
  }

  #slotAt(clientX: number): number | undefined {
    const x = clientX - this.#area.getBoundingClientRect().left;
    const index = this.#picture?.slots.findIndex(({ left, width }) => x >= left && x < left + width) ?? -1;
    return index < 0 ? undefined : index;
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#entries.length - 1;
    const at = this.#pointed ?? last;
    const next = new Map([
      ['ArrowLeft', at - 1],
      ['ArrowDown', at - 1],
      ['ArrowRight', at + 1],
      ['ArrowUp', at + 1],
      ['Home', 0],
      ['End', last],
    ]).get(event.key);
    if (next !== undefined) this.#pointAt(Math.max(0, Math.min(last, next)));
    else if (event.key === 'Escape') this.#pointAt(undefined);
    else return;
    event.preventDefault();
  }

  #pointAt(index: number | undefined): void {
    const slot = index === undefined ? undefined : this.#picture?.slots[index];
    this.#pointed = slot ? index : undefined;
    this.#band.hidden = !slot;
    this.#note.hidden = !slot;
    const said = slot ?? this.#picture?.slots.at(-1);
    if (!said) return;
    const lines = this.#describe(said.entry);
    this.#area.setAttribute('aria-valuenow', `${this.#pointed ?? this.#entries.length - 1}`);
    this.#area.setAttribute('aria-valuetext', lines.join(', '));
    if (slot) this.#placeNote(slot, lines);
  }

  #placeNote({ left, width }: Slot, lines: readonly string[]): void {
    this.#note.replaceChildren(...lines.map((line) => newElement('span', [line])));
    this.#band.style.left = `${left}px`;
    this.#band.style.width = `${width}px`;
    const room = this.#area.clientWidth - this.#note.offsetWidth;
    const right = left + width + DISTANCE;
    const beside = right <= room ? right : left - DISTANCE - this.#note.offsetWidth;
    this.#note.style.left = `${Math.max(0, Math.min(room, beside))}px`;
  }

  #describe(entry: PeriodTotals | Gap): string[] {
    if ('gap' in entry) {
      const [from, to] = [entry.gap.at(0)?.period ?? '', entry.gap.at(-1)?.period ?? ''];
      return [formatRange({ from, to }), `${countOf(entry.gap.length, unitOf(from))} without orders`];
    }
    const { period, orders, amount } = entry;
    const isCurrent = period === currentPeriod(unitOf(period), this.#today);
    return [
      formatPeriod(period, 'long') + (isCurrent ? ', so far' : ''),
      formatAmount(amount),
      countOf(orders, 'order'),
      ...(orders > 0 ? [`${formatAverage(amount, orders)} per order`] : []),
    ];
  }
}
