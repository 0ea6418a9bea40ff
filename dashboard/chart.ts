import { currentPeriod, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { barsOf, type Compared, type Entry } from './bars.ts';
import { drawChart, HEIGHT, isWideEnough, type Picture } from './chartPicture.ts';
import type { Slot } from './chartSlots.ts';
import { findText, newElement } from './dom.ts';
import { countOf, formatAmount, formatAverage, formatRange } from './format.ts';
import { hasOrders } from './series.ts';

/** Between a bar and its note, in pixels. */
const DISTANCE = 10;

/**
 * A bar chart. The mouse, a finger or the arrow keys select a bar, and a note beside it shows its values. A click or a tap
 * has the note stay.
 */
export class Chart {
  readonly #area: HTMLElement;
  readonly #band: HTMLElement;
  readonly #note: HTMLElement;
  #series: readonly Compared[] = [];
  #entries: readonly Entry[] = [];
  #unit = '';
  #today = '';
  #picture: Picture | undefined;
  /** Pixels per unit of the picture. */
  #scale = 1;
  #pointed: number | undefined;
  #isPinned = false;

  /** @param amountName such as Revenue */
  constructor(
    root: HTMLElement,
    private readonly amountName: string,
  ) {
    this.#area = findText(root, '.chart');
    this.#band = findText(root, '.chart .band');
    this.#note = findText(root, '.chart .note');
    new ResizeObserver(() => this.#draw()).observe(this.#area);
    this.#area.addEventListener('pointermove', (event) => this.#onMove(event));
    this.#area.addEventListener('pointerdown', ({ clientX }) => this.#pin(this.#slotAt(clientX)));
    this.#area.addEventListener('pointerleave', () => {
      if (!this.#isPinned) this.#pointAt(undefined);
    });
    // The finger scrolls the page.
    this.#area.addEventListener('pointercancel', () => this.#pin(undefined));
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.#isPinned && !(target instanceof Node && this.#area.contains(target))) this.#pin(undefined);
    });
    this.#area.addEventListener('focus', () => {
      if (this.#area.matches(':focus-visible')) this.#pointAt(this.#pointed ?? this.#entries.length - 1);
    });
    this.#area.addEventListener('blur', () => this.#pin(undefined));
    this.#area.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /**
   * @param series without holes
   * @param earlier as many periods, drawn behind the others
   */
  show(series: readonly PeriodTotals[], today: string, earlier: readonly PeriodTotals[] = []): void {
    // Its index would lead to another bar.
    if (series.at(0)?.period !== this.#series.at(0)?.period) this.#pin(undefined);
    this.#series = series.map((totals, index) => ({ ...totals, earlier: earlier[index] }));
    this.#today = today;
    this.#draw();
  }

  #draw(): void {
    if (this.#area.clientWidth === 0 || this.#series.length === 0) return;
    this.#scale = this.#area.clientHeight / HEIGHT;
    const width = this.#area.clientWidth / this.#scale;
    const { unit, entries } = barsOf(this.#series, (entries) => isWideEnough(entries, width));
    // The bars are others now.
    if (unit !== this.#unit) this.#pin(undefined);
    this.#unit = unit;
    this.#entries = entries;
    const picture = drawChart(entries, { width, today: this.#today, amountName: this.amountName });
    if (this.#picture) this.#picture.element.replaceWith(picture.element);
    else this.#area.append(picture.element);
    this.#picture = picture;
    this.#name();
    this.#pointAt(this.#pointed);
  }

  #name(): void {
    const [from, to] = [this.#series.at(0)?.period ?? '', this.#series.at(-1)?.period ?? ''];
    const name = `${this.amountName} and orders by ${this.#unit}, ${formatRange({ from, to })}`;
    this.#area.setAttribute('aria-label', name);
    this.#area.setAttribute('aria-valuemax', `${this.#entries.length - 1}`);
  }

  #slotAt(clientX: number): number | undefined {
    const x = (clientX - this.#area.getBoundingClientRect().left) / this.#scale;
    const index = this.#picture?.slots.findIndex(({ left, width }) => x >= left && x < left + width) ?? -1;
    return index < 0 ? undefined : index;
  }

  #onMove({ clientX, buttons }: PointerEvent): void {
    const isDragging = buttons !== 0;
    if (!this.#isPinned || isDragging) this.#pointAt(this.#slotAt(clientX));
  }

  /** A second time on the same bar removes the note. */
  #pin(index: number | undefined): void {
    this.#isPinned = index !== undefined && !(this.#isPinned && index === this.#pointed);
    this.#pointAt(this.#isPinned ? index : undefined);
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
    else if (event.key === 'Escape') this.#pin(undefined);
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

  #placeNote(slot: Slot, lines: readonly string[]): void {
    this.#note.replaceChildren(...lines.map((line) => newElement('span', [line])));
    const [left, width] = [slot.left * this.#scale, slot.width * this.#scale];
    this.#band.style.left = `${left}px`;
    this.#band.style.width = `${width}px`;
    const room = this.#area.clientWidth - this.#note.offsetWidth;
    const right = left + width + DISTANCE;
    const beside = right <= room ? right : left - DISTANCE - this.#note.offsetWidth;
    this.#note.style.left = `${Math.max(0, Math.min(room, beside))}px`;
  }

  #describe(entry: Entry): string[] {
    if ('gap' in entry) {
      const [from, to] = [entry.gap.at(0)?.from ?? '', entry.gap.at(-1)?.to ?? ''];
      return [formatRange({ from, to }), `${countOf(entry.gap.length, this.#unit)} without orders`];
    }
    const { from, to, orders, amount, earlier } = entry;
    const current = currentPeriod(unitOf(from), this.#today);
    return [
      formatRange({ from, to }) + (from <= current && current <= to ? ', so far' : ''),
      formatAmount(amount),
      countOf(orders, 'order'),
      ...(orders > 0 ? [`${formatAverage(amount, orders)} per order`] : []),
      ...(earlier && hasOrders(earlier)
        ? [`${formatRange(earlier)}: ${formatAmount(earlier.amount)}, ${countOf(earlier.orders, 'order')}`]
        : []),
    ];
  }
}
