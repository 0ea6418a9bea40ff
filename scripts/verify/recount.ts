import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Units } from '../../lib/config.ts';
import { dayIn } from '../../lib/orders/calendar.ts';
import { parseOrder, type StageUnits } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';
import { hashOfUser, type Shard, shardOf } from '../../lib/stats/keys.ts';
import { describeFileError } from '../populate/source.ts';
import { describeDifferences } from '../shared/contentDifferences.ts';
import type { Show } from '../shared/progress.ts';
import { readMessages } from '../shared/readMessages.ts';
import { ledgerId, recordText } from './ledgerRecord.ts';
import { daysOf, type RecountedOrder, recountOrder } from './recountedOrder.ts';

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
  readonly #pipelineUnits: StageUnits;

  constructor({ timeZone, currency }: Units = { timeZone: 'UTC', currency: 'USD' }) {
    this.#dayOf = daysOf(timeZone);
    this.#pipelineUnits = { dayOf: dayIn(timeZone), currency };
  }

  /** Takes a message, which may be no order. */
  add(body: string, place: Place): void {
    const parsed = parseOrder(body, this.#pipelineUnits);
    if (!parsed.ok) {
      this.reject(place, describeRejection(parsed.rejection));
      return;
    }
    this.lines++;
    const { orderId, ...order } = recountOrder(body, this.#dayOf);
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
      const { full } = describeDifferences(contentOf(known), contentOf(order), true);
      note(this.conflicts, place, `order ${orderId} was there before with ${full}`);
    }
  }

  /** Takes a line that is no message at all. */
  reject(place: Place, reason: string): void {
    this.lines++;
    note(this.invalid, place, reason);
  }

  get hasOrders(): boolean {
    return this.#orders.size > 0;
  }

  /**
   * Adds up the orders: to be called after the last message, as the orders are not kept any longer.
   *
   * @param shards - those of the Redis to compare with
   */
  end(shards: readonly Shard[]): RecountedTotals {
    const totals = new RecountedTotals(shards);
    for (const [orderId, order] of this.#orders) {
      totals.add(orderId, order);
      this.#orders.delete(orderId);
    }
    return totals;
  }
}

const contentOf = ({ cents, day }: Pick<RecountedOrder, 'cents' | 'day'>) => ({
  cents: cents === undefined ? undefined : Number(cents),
  day,
});

function note(uncounted: Uncounted, { file, line }: Place, reason: string): void {
  uncounted.count++;
  if (uncounted.first.length < NAMED) uncounted.first.push(`line ${line} of ${file}: ${reason}`);
}

/**
 * Counts the messages of files, one after the other.
 *
 * @param show - called for every message
 * @throws an error that says which file cannot be read to its end, and why, or that there is no order: both are nothing to
 *   compare with
 */
export async function recountFiles(paths: readonly string[], units: Units, show: Show): Promise<Recount> {
  const recount = new Recount(units);
  for (const path of paths) {
    const fail = (error: unknown) => new Error(describeFileError(path, error), { cause: error });
    const file = await open(path).catch((error: unknown) => Promise.reject(fail(error)));
    const failures: Error[] = [];
    const name = basename(path);
    const messages = readMessages(file, {
      onBytes() {},
      onMalformed: (line, what) => recount.reject({ file: name, line }, `it is ${what}`),
      onFailure: (error) => failures.push(fail(error)),
    });
    for await (const { number, body } of messages) {
      recount.add(body, { file: name, line: number });
      show(() => `counted ${recount.lines} lines`);
    }
    const [failure] = failures;
    if (failure) throw failure;
  }
  if (!recount.hasOrders) throw new Error(describeNoOrders(recount, paths));
  return recount;
}

function describeNoOrders({ lines, invalid }: Recount, paths: readonly string[]): string {
  const [first = ''] = invalid.first;
  return `There is no valid order in ${paths.join(', ')}, so nothing was compared${lines > 0 ? `: ${first}` : ''}`;
}

/** Number of orders and their value in cents. */
export type RecountedTotal = { orders: number; cents: bigint };

/** A user's total, and that of each month `YYYY-MM`. */
export type RecountedUser = { readonly all: RecountedTotal; readonly months: Map<string, RecountedTotal> };

/** What a shard has to hold of its orders: the total, that of each month `YYYY-MM` and day `YYYY-MM-DD`, and records. */
export type RecountedShard = {
  readonly all: RecountedTotal;
  readonly months: Map<string, RecountedTotal>;
  readonly days: Map<string, RecountedTotal>;
  /** The id of each order, a tab and {@link recordText}, by {@link ledgerId}: one text, as that is small. */
  readonly records: Map<string, string>;
};

/** What Redis has to hold: every total of orders that are not cancelled, and the records of those that it remembers. */
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

  /** @param order - its `cents` are undefined where it is cancelled */
  add(orderId: string, order: Pick<RecountedOrder, 'userId' | 'version' | 'day' | 'cents'>): void {
    const { userId, version, day, cents } = order;
    const shard = this.ofShards.get(shardOf(this.#shards, userId)) ?? newShard();
    shard.records.set(ledgerId(orderId), [orderId, recordText(hashOfUser(userId), version, cents, day)].join('\t'));
    if (cents === undefined) {
      this.cancelled++;
      return;
    }
    const month = day.slice(0, 7);
    let user = this.users.get(userId);
    if (!user) {
      user = { all: newTotal(), months: new Map() };
      this.users.set(userId, user);
    }
    const totals = [this, user, shard].flatMap(({ all, months }) => [all, at(months, month)]);
    for (const total of [...totals, at(this.days, day), at(shard.days, day)]) {
      total.orders++;
      total.cents += cents;
    }
  }
}

const newTotal = (): RecountedTotal => ({ orders: 0, cents: 0n });

const newShard = (): RecountedShard => ({ all: newTotal(), months: new Map(), days: new Map(), records: new Map() });

/** The total of a month or a day; a new one where there is none yet. */
export function at(totals: Map<string, RecountedTotal>, key: string): RecountedTotal {
  let total = totals.get(key);
  if (!total) {
    total = newTotal();
    totals.set(key, total);
  }
  return total;
}
