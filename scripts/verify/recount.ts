import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Units } from '../../lib/config.ts';
import { hourIn } from '../../lib/orders/calendar.ts';
import { parseOrder, type StageUnits } from '../../lib/orders/order.ts';
import { describeRejection } from '../../lib/orders/rejection.ts';
import type { Shard } from '../../lib/stats/keys.ts';
import { describeDifferences } from '../shared/contentDifferences.ts';
import type { Show } from '../shared/progress.ts';
import { describeFileError, readMessages } from '../shared/readMessages.ts';
import { hoursOf, type RecountedOrder, recountOrder } from './recountedOrder.ts';
import { RecountedTotals } from './totals.ts';

type Place = { readonly file: string; readonly line: number };

/** Messages that do not count, with a sentence about each of the first few. */
export type Uncounted = { count: number; readonly first: string[] };

/** How many messages of a kind are named. */
const NAMED = 5;

/**
 * Counts order messages as the contract says. Of each order the highest version counts, and nothing when that version is
 * cancelled. Other messages of that version are duplicates if their content is the same, else conflicts. Messages that name
 * another user than the first one are conflicts too.
 */
export class Recount {
  /** All messages, valid or not. */
  lines = 0;
  duplicates = 0;
  /** Messages of an order that also has a higher version. */
  superseded = 0;
  readonly conflicts: Uncounted = { count: 0, first: [] };
  readonly invalid: Uncounted = { count: 0, first: [] };
  /** The highest version of each order. */
  readonly #orders = new Map<string, Omit<RecountedOrder, 'orderId'>>();
  readonly #hourOf: (date: Date) => string;
  readonly #pipelineUnits: StageUnits;

  constructor({ timeZone, currency }: Units = { timeZone: 'UTC', currency: 'USD' }) {
    this.#hourOf = hoursOf(timeZone);
    this.#pipelineUnits = { hourOf: hourIn(timeZone), currency };
  }

  /** Adds a message, valid or not. */
  add(body: string, place: Place): void {
    const parsed = parseOrder(body, this.#pipelineUnits);
    if (!parsed.ok) {
      this.reject(place, describeRejection(parsed.rejection));
      return;
    }
    this.lines++;
    const { orderId, ...order } = recountOrder(body, this.#hourOf);
    const known = this.#orders.get(orderId);
    if (known && known.userId !== order.userId) {
      note(this.conflicts, place, `order ${orderId} was there before with a different user_id`);
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

  /** Adds a line that is no message at all. */
  reject(place: Place, reason: string): void {
    this.lines++;
    note(this.invalid, place, reason);
  }

  /** Why there is nothing to compare, in a sentence without a full stop; undefined if there is. */
  emptiness(source: string): string | undefined {
    if (this.#orders.size > 0) return undefined;
    const [first] = this.invalid.first;
    return `There is no valid order in ${source}, so nothing was compared${first === undefined ? '' : `: ${first}`}`;
  }

  /**
   * Adds up the orders, and forgets them to save memory.
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

const contentOf = ({ cents, hour }: Pick<RecountedOrder, 'cents' | 'hour'>) => ({
  cents: cents === undefined ? undefined : Number(cents),
  day: hour.slice(0, 'YYYY-MM-DD'.length),
});

function note(uncounted: Uncounted, { file, line }: Place, reason: string): void {
  uncounted.count++;
  if (uncounted.first.length < NAMED) uncounted.first.push(`line ${line} of ${file}: ${reason}`);
}

/**
 * @param show - called for every message
 * @throws an error for people when a file cannot be read to its end
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
  return recount;
}
