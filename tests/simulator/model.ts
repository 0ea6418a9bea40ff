/*
 * What Redis must answer and hold, only from the contract and the orders: nothing here is taken from lib/.
 */

/** What the model knows of the order of a message: what it says, and what makes two contents the same. */
export type ModelOrder = {
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  readonly isCancelled: boolean;
  readonly cents: number;
  /** `YYYY-MM-DD` in UTC. */
  readonly day: string;
  /** When it was placed, in whole seconds since 1970. */
  readonly placed: number;
  /** Equal for messages that say the same. */
  readonly content: string;
};

/** The result of an order as a letter: new, revised, duplicate, superseded, conflict, unknown. */
export type Verdict = 'n' | 'r' | 'd' | 's' | 'c' | 'u';

/** A number of orders, and what they add up to in cents. */
export type Total = { readonly orders: number; readonly cents: number };

type Known = {
  readonly order: ModelOrder;
  /** The latest time at which a version was counted or placed, in periods of the clock of Redis. */
  readonly period: number;
  /** Whether the clock was so far ahead meanwhile that it may be forgotten. */
  isDoubtful: boolean;
};

/** What `global:messages` counts deliveries as. */
export type MessageField = keyof typeof NO_MESSAGES;

/** How often a delivery was counted: where Redis took no writes, an answer that changes nothing else may not be counted. */
export type Range = { readonly least: number; readonly most: number };

type Effect =
  | { readonly order: ModelOrder; readonly now: number; readonly verdict: Verdict; readonly isCertain: boolean }
  | { readonly field: MessageField; readonly count: number }
  | { readonly now: number; readonly order?: undefined };

const NO_MESSAGES = {
  counted: 0,
  revised: 0,
  duplicates: 0,
  superseded: 0,
  conflicts: 0,
  unknown: 0,
  invalid: 0,
  retried: 0,
};

const FIELD_OF: Readonly<Record<Verdict, MessageField>> = {
  n: 'counted',
  r: 'revised',
  d: 'duplicates',
  s: 'superseded',
  c: 'conflicts',
  u: 'unknown',
};

const DAY = 86_400;
const PERIOD = 10 * DAY;
/** Periods for which an order is remembered, the one in which it was counted included. */
const KEPT_PERIODS = 4;
/** An order is remembered for at least so long. */
const MEMORY = 30 * DAY;

const ZERO: Total = { orders: 0, cents: 0 };

/** One shard: all of one Redis. */
export class ShardModel {
  #known = new Map<string, Known>();
  /** By field; the total of all is ''. */
  #months = new Map<string, Total>();
  #days = new Map<string, Total>();
  #users = new Map<string, Map<string, Total>>();
  #messages = new Map<MessageField, Range>();
  #lastCounted: number | undefined;
  #effects: Effect[] = [];
  #period = 0;
  /** The latest period from which an order is remembered. */
  #latest = 0;
  /** When the ledger expires, in seconds, as nothing was written for so long. */
  #expiry = Number.POSITIVE_INFINITY;

  /** How many effects there were: a point that {@link rollback} can go back to. */
  get length(): number {
    return this.#effects.length;
  }

  /**
   * Takes the verdict of Redis on an order, at a time of its clock in seconds.
   *
   * @param isCertain whether Redis has counted the delivery as well
   * @returns the verdicts that would be right, where it is none of these
   */
  apply(
    order: ModelOrder,
    now: number,
    verdict: string,
    { isAccepted, isCertain }: { readonly isAccepted: boolean; readonly isCertain: boolean },
  ): readonly Verdict[] | undefined {
    const right = this.verdicts(order, now, isAccepted);
    const given = right.find((each) => each === verdict);
    if (given === undefined) return right;
    this.#enter({ order, now, verdict: given, isCertain });
    return undefined;
  }

  /** Takes deliveries that the worker has counted. */
  addMessages(field: MessageField, count: number): void {
    this.#enter({ field, count });
  }

  /** The verdicts on an order that are right; two where it may be forgotten. */
  verdicts(order: ModelOrder, now: number, isAccepted = false): Verdict[] {
    this.#passTime(now);
    const known = this.#known.get(order.orderId);
    const isOld = order.version > 1 && now - order.placed > MEMORY && !isAccepted;
    const ifForgotten = isOld ? 'u' : 'n';
    if (!known || this.#isForgotten(known)) return [ifForgotten];
    const ifKnown = compare(known.order, order);
    return known.isDoubtful ? [ifKnown, ifForgotten] : [ifKnown];
  }

  /** The order that is counted under an id; undefined where none is, or it is forgotten or may be. */
  counted(orderId: string, now: number): ModelOrder | undefined {
    this.#passTime(now);
    const known = this.#known.get(orderId);
    return known && !known.isDoubtful && !this.#isForgotten(known) ? known.order : undefined;
  }

  #enter(effect: Effect): void {
    this.#effects.push(effect);
    if ('field' in effect) {
      this.#addMessages(effect.field, { least: effect.count, most: effect.count });
      return;
    }
    if (!effect.order) {
      this.#passTime(effect.now);
      return;
    }
    const { order, now, verdict, isCertain } = effect;
    this.#addMessages(FIELD_OF[verdict], { least: isCertain ? 1 : 0, most: 1 });
    this.#passTime(now);
    const before = this.#known.get(order.orderId);
    if (verdict === 'n' || verdict === 'r') {
      this.#lastCounted = now;
      const period = Math.floor(Math.max(now, order.placed) / PERIOD);
      const remembered = verdict === 'r' && before ? Math.max(before.period, period) : period;
      this.#latest = Math.max(this.#latest, remembered);
      this.#expiry = (this.#latest + KEPT_PERIODS) * PERIOD;
      if (verdict === 'r' && before) this.#add(before.order, -1);
      this.#add(order, 1);
      this.#known.set(order.orderId, { order, period: remembered, isDoubtful: false });
    } else if (before && verdict !== 'u') {
      before.isDoubtful = false;
    }
    // After `u` the order stays doubtful: where the clock goes back before its record is swept, it is remembered again.
  }

  /** Forgets all effects after a point, as a server does that has lost its last writes. @returns those effects */
  rollback(length: number): ModelOrder[] {
    const effects = this.#effects;
    this.#known = new Map();
    this.#months = new Map();
    this.#days = new Map();
    this.#users = new Map();
    this.#messages = new Map();
    this.#lastCounted = undefined;
    this.#effects = [];
    this.#period = 0;
    this.#latest = 0;
    this.#expiry = Number.POSITIVE_INFINITY;
    for (const effect of effects.slice(0, length)) this.#enter(effect);
    return changesOf(effects.slice(length)).map(({ order }) => order);
  }

  #addMessages(field: MessageField, { least, most }: Range): void {
    const before = this.messages(field);
    this.#messages.set(field, { least: before.least + least, most: before.most + most });
  }

  /** How many deliveries had a result. */
  messages(field: MessageField): Range {
    return this.#messages.get(field) ?? { least: 0, most: 0 };
  }

  /** When an order was last counted or revised, in seconds. */
  get lastCounted(): number | undefined {
    return this.#lastCounted;
  }

  /** To be called where the clock of Redis jumps, in seconds: what it forgets meanwhile may stay forgotten. */
  jump(now: number): void {
    this.#enter({ now });
  }

  #passTime(now: number): void {
    const period = Math.floor(now / PERIOD);
    if (period === this.#period) return;
    this.#period = period;
    const isExpired = now >= this.#expiry;
    for (const known of this.#known.values()) if (isExpired || this.#isForgotten(known)) known.isDoubtful = true;
  }

  #isForgotten({ period }: Known): boolean {
    return this.#period - period >= KEPT_PERIODS;
  }

  #add({ isCancelled, userId, cents, day }: ModelOrder, sign: 1 | -1): void {
    if (isCancelled) return;
    const month = day.slice(0, 7);
    const user = this.#users.get(userId) ?? new Map<string, Total>();
    this.#users.set(userId, user);
    for (const [totals, field] of [
      [this.#months, ''],
      [this.#months, month],
      [this.#days, day],
      [user, ''],
      [user, month],
    ] as const) {
      const { orders, cents: sum } = totals.get(field) ?? ZERO;
      if (orders + sign === 0) totals.delete(field);
      else totals.set(field, { orders: orders + sign, cents: sum + sign * cents });
    }
    if (user.size === 0) this.#users.delete(userId);
  }

  /** All orders that are counted, forgotten ones too, each in the version that counts. */
  countedOrders(): ModelOrder[] {
    const counted: ModelOrder[] = [];
    const latest = new Map<string, number>();
    for (const { order, verdict } of changesOf(this.#effects)) {
      const before = verdict === 'r' ? latest.get(order.orderId) : undefined;
      if (before === undefined) latest.set(order.orderId, counted.length);
      counted[before ?? counted.length] = order;
    }
    return counted;
  }

  /** Of all users: the total under '', and each month. */
  get months(): ReadonlyMap<string, Total> {
    return this.#months;
  }

  get days(): ReadonlyMap<string, Total> {
    return this.#days;
  }

  /** Of each user with orders: the total under '', and each month. */
  get users(): ReadonlyMap<string, ReadonlyMap<string, Total>> {
    return this.#users;
  }
}

/** Those of the effects that change totals. */
const changesOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    'order' in effect && effect.order && (effect.verdict === 'n' || effect.verdict === 'r') ? [effect] : [],
  );

/** Names of all fields that count deliveries. */
export const MESSAGE_FIELDS = Object.keys(NO_MESSAGES) as MessageField[];

function compare(known: ModelOrder, order: ModelOrder): Verdict {
  if (known.userId !== order.userId) return 'c';
  if (order.version !== known.version) return order.version < known.version ? 's' : 'r';
  return order.content === known.content ? 'd' : 'c';
}
