import { type DayOf, dayIn } from '../../lib/orders/calendar.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';
import { daysOf } from './instant.ts';
import { type RecountedOrder, readOrder } from './message.ts';
import { Totals } from './totals.ts';

/** Where a message stands, e.g. line 3 of `orders.jsonl`. */
export type Place = { readonly file: string; readonly line: number };

/** Messages that did not count: how many, and a sentence on each of the first few. */
export type Uncounted = { count: number; readonly first: string[] };

/** How many messages of a kind are named. */
const NAMED = 5;

/**
 * Counts order messages as the contract says: of each order id the highest version counts, and nothing where that one is
 * cancelled. Others of the same version are duplicates where their content is the same, else conflicts, as are those of
 * another user than the first one. Invalid messages count nothing.
 */
export class Recount {
  /** All messages, valid or not. */
  lines = 0;
  duplicates = 0;
  /** Messages whose order is there in a higher version. */
  superseded = 0;
  readonly conflicts: Uncounted = { count: 0, first: [] };
  readonly invalid: Uncounted = { count: 0, first: [] };
  /** The highest version of each order, by order id. */
  readonly #orders = new Map<string, Omit<RecountedOrder, 'orderId'>>();
  readonly #dayOf: (date: Date) => string;
  readonly #pipelineDayOf: DayOf;

  /** @param timeZone whose months and days orders count for */
  constructor(timeZone = 'UTC') {
    this.#dayOf = daysOf(timeZone);
    this.#pipelineDayOf = dayIn(timeZone);
  }

  /** Takes a message, which may be no order. */
  add(body: string, place: Place): void {
    const parsed = parseOrder(body, this.#pipelineDayOf);
    if (!parsed.ok) {
      this.reject(place, describeRejection(parsed.rejection));
      return;
    }
    this.lines++;
    const { orderId, ...order } = readOrder(body, this.#dayOf);
    const known = this.#orders.get(orderId);
    if (known && known.userId !== order.userId) {
      note(this.conflicts, place, `order ${orderId} was there before with another user_id`);
    } else if (!known || order.version > known.version) {
      if (known) this.superseded++;
      this.#orders.set(orderId, order);
    } else if (order.version < known.version) {
      this.superseded++;
    } else if (order.content === known.content) {
      this.duplicates++;
    } else {
      note(this.conflicts, place, `order ${orderId} was there before with other content`);
    }
  }

  /** Takes a line that is no message at all. */
  reject(place: Place, reason: string): void {
    this.lines++;
    note(this.invalid, place, reason);
  }

  /** Adds up the orders: to be called after the last message, as the orders are not kept any longer. */
  end(): Totals {
    const totals = new Totals();
    for (const [orderId, order] of this.#orders) {
      totals.add(order);
      this.#orders.delete(orderId);
    }
    return totals;
  }
}

function note(uncounted: Uncounted, { file, line }: Place, reason: string): void {
  uncounted.count++;
  if (uncounted.first.length < NAMED) uncounted.first.push(`line ${line} of ${file}: ${reason}`);
}
