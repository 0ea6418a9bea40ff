import { hashOfUser, type Shard, shardOf } from '../../lib/stats/keys.ts';
import { ledgerId, recordText } from './ledgerRecord.ts';
import type { RecountedOrder } from './recountedOrder.ts';

export type RecountedTotal = { orders: number; cents: bigint };

export type RecountedUser = {
  readonly all: RecountedTotal;
  /** By `YYYY-MM`. */
  readonly months: Map<string, RecountedTotal>;
};

/** What a shard must hold of its orders. */
export type RecountedShard = RecountedUser & {
  /** By `YYYY-MM-DD`. */
  readonly days: Map<string, RecountedTotal>;
  /** By `YYYY-MM-DDTHH`. */
  readonly hours: Map<string, RecountedTotal>;
  /**
   * By {@link ledgerId}: the id of each order, {@link recordText} and when it was placed, joined by tabs. One string takes
   * the least memory.
   */
  readonly records: Map<string, string>;
  /** {@link ledgerId} of each cancelled order. */
  readonly cancelled: Set<string>;
};

/** What Redis must hold: every total of orders that are not cancelled, and the records of all orders. */
export class RecountedTotals {
  /** The sums of all shards. */
  readonly all: RecountedTotal = newTotal();
  readonly months = new Map<string, RecountedTotal>();
  readonly days = new Map<string, RecountedTotal>();
  readonly ofShards: ReadonlyMap<Shard, RecountedShard>;
  readonly users = new Map<string, RecountedUser>();
  cancelled = 0;
  readonly #shards: readonly Shard[];

  /** @param shards - those of the Redis to compare with */
  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
    this.ofShards = new Map(shards.map((shard) => [shard, newShard()]));
  }

  /** How many totals there are. */
  get size(): number {
    let size = 1 + this.months.size + this.days.size + this.users.size;
    for (const { months } of this.users.values()) size += months.size;
    return size;
  }

  /** @param order - its `cents` are undefined when it is cancelled */
  add(orderId: string, order: Omit<RecountedOrder, 'orderId' | 'content'>): void {
    const { userId, version, hour, placed, cents } = order;
    const day = hour.slice(0, 'YYYY-MM-DD'.length);
    const shard = this.ofShards.get(shardOf(this.#shards, userId)) ?? newShard();
    const id = ledgerId(orderId);
    shard.records.set(id, [orderId, recordText(hashOfUser(userId), version, cents, hour), placed].join('\t'));
    if (cents === undefined) {
      shard.cancelled.add(id);
      this.cancelled++;
      return;
    }
    let user = this.users.get(userId);
    if (!user) {
      user = { all: newTotal(), months: new Map() };
      this.users.set(userId, user);
    }
    for (const { all, months } of [this, user, shard]) {
      addTo(all, cents);
      addTo(at(months, day.slice(0, 7)), cents);
    }
    for (const { days } of [this, shard]) addTo(at(days, day), cents);
    addTo(at(shard.hours, hour), cents);
  }
}

const newTotal = (): RecountedTotal => ({ orders: 0, cents: 0n });

const newShard = (): RecountedShard => ({
  all: newTotal(),
  months: new Map(),
  days: new Map(),
  hours: new Map(),
  records: new Map(),
  cancelled: new Set(),
});

/** Adds an order to a total. */
export function addTo(total: RecountedTotal, cents: bigint): void {
  total.orders++;
  total.cents += cents;
}

/** The total of a month or a day, which is added when it is missing. */
export function at(totals: Map<string, RecountedTotal>, key: string): RecountedTotal {
  let total = totals.get(key);
  if (!total) {
    total = newTotal();
    totals.set(key, total);
  }
  return total;
}
