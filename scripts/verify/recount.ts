import { parseOrder } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';
import { globalMonth, globalStats, userMonth, userStats } from '../../lib/stats/keys.ts';
import { readOrder } from './message.ts';

/** Number of orders and their value in cents. */
export type Total = { orders: number; cents: bigint };

/** Where a message stands, e.g. line 3 of `orders.jsonl`. */
export type Place = { readonly file: string; readonly line: number };

/** Messages that did not count: how many, and a sentence on each of the first few. */
export type Uncounted = { count: number; readonly first: string[] };

/** How many messages of a kind are named. */
const NAMED = 5;

/**
 * Counts order messages as the contract says: the first valid message of an order id counts, others with the same
 * content are duplicates, those with other content are conflicts, and invalid ones count nothing.
 */
export class Recount {
  /** All messages, valid or not. */
  lines = 0;
  duplicates = 0;
  readonly conflicts: Uncounted = { count: 0, first: [] };
  readonly invalid: Uncounted = { count: 0, first: [] };
  /** What Redis has to hold: every total of orders by its key. */
  readonly totals = new Map<string, Total>();
  /** The same totals of the users by user id. */
  readonly users = new Map<string, Total>();
  readonly months = new Set<string>();
  /** Content by order id: all that is kept of each order, and most of the memory. */
  readonly #contents = new Map<string, string>();

  /** The total of all orders. */
  get all(): Readonly<Total> {
    return this.totals.get(globalStats) ?? { orders: 0, cents: 0n };
  }

  /** Takes a message, which may be no order. */
  add(body: string, place: Place): void {
    const parsed = parseOrder(body);
    if (!parsed.ok) {
      this.reject(place, describeRejection(parsed.rejection));
      return;
    }
    this.lines++;
    const { orderId, userId, month, cents, content } = readOrder(body);
    const known = this.#contents.get(orderId);
    if (known === content) {
      this.duplicates++;
    } else if (known !== undefined) {
      note(this.conflicts, place, `order ${orderId} was there before with other content`);
    } else {
      this.#contents.set(orderId, content);
      this.months.add(month);
      this.#addTo(globalStats, cents);
      this.#addTo(globalMonth(month), cents);
      this.users.set(userId, this.#addTo(userStats(userId), cents));
      this.#addTo(userMonth(userId, month), cents);
    }
  }

  /** Takes a line that is no message at all. */
  reject(place: Place, reason: string): void {
    this.lines++;
    note(this.invalid, place, reason);
  }

  /** To be called after the last message: what only tells duplicates is not kept any longer. */
  end(): void {
    this.#contents.clear();
  }

  #addTo(key: string, cents: bigint): Total {
    let total = this.totals.get(key);
    if (!total) {
      total = { orders: 0, cents: 0n };
      this.totals.set(key, total);
    }
    total.orders++;
    total.cents += cents;
    return total;
  }
}

function note(uncounted: Uncounted, { file, line }: Place, reason: string): void {
  uncounted.count++;
  if (uncounted.first.length < NAMED) uncounted.first.push(`line ${line} of ${file}: ${reason}`);
}
