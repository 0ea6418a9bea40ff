import type { ShardModel } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';

/** What is known of an order id in a shard. */
type Entry = {
  /** The versions that were reported as done, in any order. */
  readonly done: ModelOrder[];
  /** When it was last done, in milliseconds since 1970. */
  doneAt: number;
  /** How often the totals may hold it: again each time that it came when the ledger had forgotten it. */
  most: number;
  /** Whether a replay has found it counted with other content. */
  isInConflict: boolean;
};

/** All orders that were reported as done: the totals must hold them in the end, whatever Redis has lost. */
export class Acknowledged {
  readonly #entries = new Map<string, Map<string, Entry>>();

  /** To be called when the worker reports an order as done. @param prefix of the shard that has it */
  add(prefix: string, order: ModelOrder, now: number): void {
    const entry = this.#entry(prefix, order.orderId);
    entry.done.push(order);
    entry.doneAt = now;
  }

  /** When an order was last done, in milliseconds since 1970. */
  doneAt(prefix: string, orderId: string): number {
    return this.#entry(prefix, orderId).doneAt;
  }

  /** To be called when an order is counted although it is in the totals: it was forgotten. */
  countAgain(prefix: string, orderId: string): void {
    this.#entry(prefix, orderId).most += 1;
  }

  /** To be called when a replay finds an order counted with other content, which came first after a loss and stays. */
  noteConflict(prefix: string, orderId: string): void {
    this.#entry(prefix, orderId).isInConflict = true;
  }

  /** How often the totals may hold an order. */
  most(prefix: string, orderId: string): number {
    return this.#entries.get(prefix)?.get(orderId)?.most ?? 1;
  }

  /** To be called when the totals are emptied, to be filled from the archive alone: then each order counts once. */
  startAgain(): void {
    for (const entries of this.#entries.values()) {
      for (const entry of entries.values()) Object.assign(entry, { most: 1, isInConflict: false });
    }
  }

  /** @returns what the totals lack, or hold too often, in words */
  *differences(shards: ReadonlyMap<string, ShardModel>): Generator<string> {
    for (const [prefix, shard] of shards) {
      const counted = new Map<string, ModelOrder[]>();
      for (const order of shard.countedOrders()) {
        counted.set(order.orderId, [...(counted.get(order.orderId) ?? []), order]);
      }
      for (const [orderId, orders] of counted) {
        if (orders.length > this.most(prefix, orderId)) yield `${prefix}${orderId} is counted ${orders.length} times`;
      }
      for (const [orderId, { done, isInConflict }] of this.#entries.get(prefix) ?? []) {
        const latest = Math.max(...done.map(({ version }) => version));
        const isRight = (order: ModelOrder) => isUpToDate(order, done) || (isInConflict && order.version >= latest);
        if (done.length > 0 && !counted.get(orderId)?.some(isRight)) {
          yield `${prefix}${orderId} is done in version ${latest}, and is not counted`;
        }
      }
    }
  }

  #entry(prefix: string, orderId: string): Entry {
    const entries = this.#entries.get(prefix) ?? new Map<string, Entry>();
    this.#entries.set(prefix, entries);
    const entry = entries.get(orderId) ?? { done: [], doneAt: Number.NEGATIVE_INFINITY, most: 1, isInConflict: false };
    entries.set(orderId, entry);
    return entry;
  }
}

/**
 * Whether it is right that this version counts. A conflict, with another user or other content, may count while Redis has
 * lost what it is in conflict with, and stays.
 */
function isUpToDate(order: ModelOrder, done: readonly ModelOrder[]): boolean {
  const own = done.filter(({ userId }) => userId === order.userId);
  const latest = Math.max(...own.map(({ version }) => version));
  return order.version > latest
    ? own.length > 0
    : order.version === latest && own.some(({ version, content }) => version === latest && content === order.content);
}
