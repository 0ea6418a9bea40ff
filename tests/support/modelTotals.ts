/** What the model knows of the order of a message: what it says, and what makes two contents the same. */
export type ModelOrder = {
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  readonly isCancelled: boolean;
  readonly cents: number;
  /** `YYYY-MM-DDTHH` in UTC. */
  readonly hour: string;
  /** When it was placed, in whole seconds since 1970. */
  readonly placed: number;
  /** Equal for messages that say the same. */
  readonly content: string;
};

/** `YYYY-MM-DDTHH` in UTC of an instant in seconds since 1970. */
export const hourOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 13);

/** Redis keeps hours for this long, in seconds. */
const HOURS_KEPT = 96 * 3600;

/** The first hour that Redis has of orders that come at a time in seconds since 1970. */
export const firstHourAt = (now: number): string => hourOf(Math.max(0, now - HOURS_KEPT));

/** A number of orders, and what they add up to in cents. */
export type Total = { readonly orders: number; readonly cents: number };

/** A user's place on the leaderboard. */
export type Ranked = Total & { readonly userId: string };

export const ZERO: Total = { orders: 0, cents: 0 };

/** Who spent most comes first; of those who spent the same, the first by id. */
export const byRank = (one: Ranked, other: Ranked): number =>
  other.cents - one.cents || (one.userId < other.userId ? -1 : 1);

/** The totals of orders. Without an order there is no entry. */
export class Totals {
  /** Of all users: the total under '', and each month. */
  readonly months = new Map<string, Total>();
  readonly days = new Map<string, Total>();
  readonly hours = new Map<string, Total>();
  /** The first hour that Redis must have: it keeps only the last ones. Undefined where it may lack any. */
  hoursSince: string | undefined;
  /** Of each user with orders: the total under '', and each month. */
  readonly users = new Map<string, Map<string, Total>>();

  /** Adds an order that is not cancelled, or subtracts it. */
  add({ isCancelled, userId, cents, hour }: ModelOrder, sign: 1 | -1): void {
    if (isCancelled) return;
    const [month, day] = [hour.slice(0, 7), hour.slice(0, 10)];
    const user = this.users.get(userId) ?? new Map<string, Total>();
    this.users.set(userId, user);
    for (const [totals, field] of [
      [this.months, ''],
      [this.months, month],
      [this.days, day],
      [this.hours, hour],
      [user, ''],
      [user, month],
    ] as const) {
      const { orders, cents: sum } = totals.get(field) ?? ZERO;
      if (orders + sign === 0) totals.delete(field);
      else totals.set(field, { orders: orders + sign, cents: sum + sign * cents });
    }
    if (user.size === 0) this.users.delete(userId);
  }

  /** All users with orders, by rank. */
  get ranking(): Ranked[] {
    return [...this.users].map(([userId, totals]) => ({ userId, ...(totals.get('') ?? ZERO) })).sort(byRank);
  }

  clear(): void {
    for (const totals of [this.months, this.days, this.hours, this.users]) totals.clear();
  }
}
