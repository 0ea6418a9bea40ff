import { age } from './ledgerContent.ts';
import { firstHourAt, type ModelOrder, Totals } from './modelTotals.ts';

/*
 * The contract: what Redis must answer and hold, computed only from the orders and the time. Nothing here is taken from lib/.
 */

/** What `global:messages` counts each verdict as. */
const FIELD_OF = {
  counted: 'counted',
  revised: 'revised',
  duplicate: 'duplicates',
  superseded: 'superseded',
  conflict: 'conflicts',
  unknown: 'unknown',
} as const;

/** The result of an order. */
export type Verdict = keyof typeof FIELD_OF;

/** All that `global:messages` counts deliveries as. */
export const MESSAGE_FIELDS = [...Object.values(FIELD_OF), 'invalid', 'retried', 'restored'] as const;
export type MessageField = (typeof MESSAGE_FIELDS)[number];

/** How often a delivery was counted: where Redis took no writes, an answer that changes nothing else may not be counted. */
export type Range = { readonly least: number; readonly most: number };

/**
 * How an order was counted. `isCertain`: Redis has counted the delivery as well. `isAccepted`: a later version of an order
 * that is not known counts. `isReplay`: it comes from the archive.
 */
type Manner = { readonly isCertain: boolean; readonly isAccepted?: boolean; readonly isReplay?: boolean };

type Known = {
  readonly order: ModelOrder;
  /** The latest time at which a version came or was placed, in periods of the clock of Redis. */
  period: number;
  /** Whether the clock was so far ahead meanwhile that it may be forgotten. */
  isDoubtful: boolean;
};

type Effect =
  | {
      readonly order: ModelOrder;
      readonly now: number;
      readonly verdict: Verdict;
      readonly isCertain: boolean;
      readonly isReplay: boolean;
    }
  | { readonly field: MessageField; readonly count: number }
  | { readonly now: number; readonly checkpoint?: Checkpoint; readonly order?: undefined };

/** How far the archive was replayed: a time in milliseconds since 1970, and what the clock of Redis showed then, in seconds. */
type Checkpoint = { readonly until: number; readonly clock: number };

/** A state of a shard. */
export type Saved = readonly Effect[];

const HOUR = 3600;
const DAY = 24 * HOUR;
/** The ledger counts time in periods, in seconds. */
export const PERIOD = 10 * DAY;
/** Periods for which an order is remembered, the one in which it was counted included. */
export const KEPT_PERIODS = 4;
/** Periods that a record is stamped ahead of the clock at most. */
const MOST_AHEAD = 64;
/** An order is remembered for at least so long. */
const UNKNOWN_AGE = 29 * DAY;

const isChange = (verdict: Verdict): boolean => verdict === 'counted' || verdict === 'revised';

/** One shard: all of one Redis. */
export class ShardModel extends Totals {
  readonly #known = new Map<string, Known>();
  readonly #messages = new Map<MessageField, Range>();
  /** How often each order is in the totals: again, once it was forgotten. */
  readonly #times = new Map<string, number>();
  #lastCounted: number | undefined;
  #lastRestored: number | undefined;
  /** Orders counted or revised in the minute of the last one, and in the minute before. */
  #minutes = { that: 0, before: 0 };
  #bornAt: number | undefined;
  #checkpoint: Checkpoint | undefined;
  #effects: Effect[] = [];
  #period = 0;
  /** The period by which records are dropped: a replay may still know what is forgotten. */
  #dropping = 0;

  /**
   * @param forgetting `late`: an order that is old enough may be remembered all the same until its record is swept; `at
   * once`: it is not, as every bucket is written to all the time
   */
  constructor(private readonly forgetting: 'late' | 'at once' = 'late') {
    super();
  }

  /** How much has happened: a point that {@link rollback} can go back to. */
  get length(): number {
    return this.#effects.length;
  }

  /** Counts an order, and says what its verdict is. @param now seconds by the clock of Redis */
  count(order: ModelOrder, now: number, isAccepted = false): Verdict {
    const [verdict] = this.verdicts(order, now, isAccepted);
    this.#enter({ order, now, verdict, isCertain: true, isReplay: false });
    return verdict;
  }

  /**
   * Takes the verdict of Redis on an order, at a time of its clock in seconds.
   *
   * @returns the verdicts that would be right, where it is none of these
   */
  apply(
    order: ModelOrder,
    now: number,
    verdict: Verdict | undefined,
    { isCertain, isAccepted = false, isReplay = false }: Manner,
  ): readonly Verdict[] | undefined {
    const right = this.verdicts(order, now, isAccepted, isReplay);
    if (verdict === undefined || !right.includes(verdict)) return right;
    this.#enter({ order, now, verdict, isCertain, isReplay });
    return undefined;
  }

  /** Takes deliveries that the worker has counted. */
  addMessages(field: MessageField, count: number): void {
    this.#enter({ field, count });
  }

  /** The verdicts on an order that are right; two where it may be forgotten. */
  verdicts(order: ModelOrder, now: number, isAccepted = false, isReplay = false): [Verdict, ...Verdict[]] {
    this.#passTime(now);
    const known = this.#known.get(order.orderId);
    const isOld = order.version > 1 && now - order.placed > UNKNOWN_AGE && !isAccepted && !isReplay;
    const ifForgotten = isOld ? 'unknown' : 'counted';
    if (!known || this.#isForgotten(known, isReplay ? this.#dropping : this.#period)) return [ifForgotten];
    const ifKnown = compare(known.order, order);
    return known.isDoubtful ? [ifKnown, ifForgotten] : [ifKnown];
  }

  /** The order that is counted under an id; undefined where none is, or it is forgotten or may be. */
  counted(orderId: string, now: number): ModelOrder | undefined {
    this.#passTime(now);
    const known = this.#known.get(orderId);
    return known && this.#isCertain(known) ? known.order : undefined;
  }

  /** All orders that are remembered for sure, each with the period of its record. */
  remembered(now: number): Map<string, { readonly order: ModelOrder; readonly period: number }> {
    this.#passTime(now);
    return new Map([...this.#known].filter(([, known]) => this.#isCertain(known)));
  }

  #enter(effect: Effect): void {
    this.#effects.push(effect);
    if ('field' in effect) {
      this.#addMessages(effect.field, { least: effect.count, most: effect.count });
      return;
    }
    this.#passTime(effect.now);
    if (!effect.order) {
      this.#checkpoint = effect.checkpoint ?? this.#checkpoint;
      return;
    }
    const { order, now, verdict, isCertain, isReplay } = effect;
    this.#bornAt ??= now;
    if (!isReplay) this.#addMessages(FIELD_OF[verdict], { least: isCertain ? 1 : 0, most: 1 });
    const before = this.#known.get(order.orderId);
    if (isChange(verdict)) {
      if (isReplay) this.#restore(now);
      else this.#countInMinute(now);
      const replaced = verdict === 'revised' ? before : undefined;
      if (replaced) this.add(replaced.order, -1);
      else this.#times.set(order.orderId, this.times(order.orderId) + 1);
      this.add(order, 1);
      this.#known.set(order.orderId, { order, period: this.#periodOf(order, replaced), isDoubtful: false });
    } else if (before && verdict !== 'unknown') {
      before.isDoubtful = false;
      if (verdict !== 'conflict') before.period = this.#periodOf(order, before);
    }
    // After `unknown` the order stays doubtful: where the clock goes back before its record is swept, it is remembered again.
  }

  #restore(now: number): void {
    this.#addMessages('restored', { least: 1, most: 1 });
    this.#lastRestored = now;
  }

  #countInMinute(now: number): void {
    const passed = Math.floor(now / 60) - Math.floor((this.#lastCounted ?? 0) / 60);
    const { that, before } = this.#minutes;
    if (passed === 0) this.#minutes = { that: that + 1, before };
    else this.#minutes = { that: 1, before: passed === 1 ? that : 0 };
    this.#lastCounted = now;
  }

  /** The period that the record of an order gets. */
  #periodOf({ placed }: ModelOrder, before: Known | undefined): number {
    const now = this.#period;
    const own = Math.max(now, Math.min(Math.floor(placed / PERIOD), now + MOST_AHEAD));
    return before && age(now, before.period) < age(now, own) ? before.period : own;
  }

  /** All that it holds, for {@link restore}. */
  save(): Saved {
    return [...this.#effects];
  }

  /** Forgets all effects after a point, like a server that has lost its last writes. @returns how many orders it loses */
  rollback(length: number): number {
    return this.restore(this.#effects.slice(0, length));
  }

  /** Goes back to an older state. @returns how many counts and revisions it loses */
  restore(saved: Saved): number {
    const before = changesOf(this.#effects).length;
    this.clear();
    this.hoursSince = undefined;
    this.#known.clear();
    this.#messages.clear();
    this.#times.clear();
    this.#lastCounted = undefined;
    this.#lastRestored = undefined;
    this.#minutes = { that: 0, before: 0 };
    this.#bornAt = undefined;
    this.#checkpoint = undefined;
    this.#effects = [];
    this.#period = 0;
    this.#dropping = 0;
    for (const effect of saved) this.#enter(effect);
    return before - changesOf(saved).length;
  }

  #addMessages(field: MessageField, { least, most }: Range): void {
    const before = this.messages(field);
    this.#messages.set(field, { least: before.least + least, most: before.most + most });
  }

  /** How many deliveries had a result. */
  messages(field: MessageField): Range {
    return this.#messages.get(field) ?? { least: 0, most: 0 };
  }

  /** How often an order is in the totals. */
  times(orderId: string): number {
    return this.#times.get(orderId) ?? 0;
  }

  /** When an order was last counted or revised, in seconds. */
  get lastCounted(): number | undefined {
    return this.#lastCounted;
  }

  /** The fields of `global:messages` that count no deliveries. */
  get pace(): Record<string, string> {
    const { that, before } = this.#minutes;
    const counted = { last_counted: this.#lastCounted, counted_that_minute: that, counted_minute_before: before };
    const all = { ...(this.#lastCounted !== undefined && counted), last_restored: this.#lastRestored };
    return Object.fromEntries(Object.entries(all).flatMap(([name, n]) => (n === undefined ? [] : [[name, `${n}`]])));
  }

  /** Since when all that was counted is known for sure, by the clock of Redis in seconds. */
  get knownSince(): number {
    return Math.max(this.#bornAt ?? 0, this.#checkpoint?.clock ?? 0);
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** To be called when the checkpoint has moved. @param now seconds by the clock of Redis */
  moveCheckpoint(now: number, checkpoint: Checkpoint): void {
    this.#enter({ now, checkpoint });
  }

  /** To be called where the clock of Redis jumps, in seconds: what it forgets meanwhile may stay forgotten. */
  jump(now: number): void {
    this.#enter({ now });
  }

  #passTime(now: number): void {
    // Where the clock goes back, hours that were too old meanwhile may be missing.
    const first = firstHourAt(now);
    if (this.hoursSince === undefined || first > this.hoursSince) this.hoursSince = first;
    const period = Math.floor(now / PERIOD);
    const clock = this.#checkpoint?.clock ?? Number.NEGATIVE_INFINITY;
    const dropping = now - clock < UNKNOWN_AGE ? Math.min(period, Math.floor((clock - HOUR) / PERIOD)) : period;
    if (period === this.#period && dropping === this.#dropping) return;
    this.#period = period;
    this.#dropping = dropping;
    for (const [orderId, known] of this.#known) {
      if (!this.#isForgotten(known, dropping)) continue;
      if (this.forgetting === 'at once') this.#known.delete(orderId);
      else known.isDoubtful = true;
    }
  }

  #isForgotten({ period }: Known, now: number): boolean {
    return age(now, period) >= KEPT_PERIODS;
  }

  #isCertain(known: Known): boolean {
    return !known.isDoubtful && !this.#isForgotten(known, this.#period);
  }

  /** All orders that are counted, forgotten ones too, each in the version that counts. */
  countedOrders(): ModelOrder[] {
    const counted: ModelOrder[] = [];
    const latest = new Map<string, number>();
    for (const { order, verdict } of changesOf(this.#effects)) {
      const before = verdict === 'revised' ? latest.get(order.orderId) : undefined;
      if (before === undefined) latest.set(order.orderId, counted.length);
      counted[before ?? counted.length] = order;
    }
    return counted;
  }
}

/** Those of the effects that change totals. */
const changesOf = (effects: Saved) =>
  effects.flatMap((effect) => ('order' in effect && effect.order && isChange(effect.verdict) ? [effect] : []));

function compare(known: ModelOrder, order: ModelOrder): Verdict {
  if (known.userId !== order.userId) return 'conflict';
  if (order.version !== known.version) return order.version < known.version ? 'superseded' : 'revised';
  return order.content === known.content ? 'duplicate' : 'conflict';
}

/** What a look at the ledger says of an order: the version of it that is counted. */
export const knownOf = (
  { version, isCancelled, cents, hour, userId }: ModelOrder,
  order: { readonly userId: string },
) => ({
  version,
  cents: isCancelled ? undefined : cents,
  day: isCancelled ? undefined : hour.slice(0, 10),
  isSameUser: userId === order.userId,
});
