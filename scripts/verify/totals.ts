/** Number of orders and their value in cents. */
export type Total = { orders: number; cents: bigint };

/** A user's total, and that of each month `YYYY-MM`. */
export type UserTotals = { readonly all: Total; readonly months: Map<string, Total> };

/** What Redis has to hold: every total of orders that are not cancelled. */
export class Totals {
  readonly all: Total = newTotal();
  readonly months = new Map<string, Total>();
  readonly days = new Map<string, Total>();
  readonly users = new Map<string, UserTotals>();
  cancelled = 0;

  /** How many totals there are. */
  get size(): number {
    let size = 1 + this.months.size + this.days.size + this.users.size;
    for (const { months } of this.users.values()) size += months.size;
    return size;
  }

  /** @param order - its `cents` are undefined where it is cancelled */
  add({ userId, day, cents }: { userId: string; day: string; cents: bigint | undefined }): void {
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
    const totals = [this.all, at(this.months, month), at(this.days, day), user.all, at(user.months, month)];
    for (const total of totals) {
      total.orders++;
      total.cents += cents;
    }
  }
}

const newTotal = (): Total => ({ orders: 0, cents: 0n });

function at(totals: Map<string, Total>, key: string): Total {
  let total = totals.get(key);
  if (!total) {
    total = newTotal();
    totals.set(key, total);
  }
  return total;
}
