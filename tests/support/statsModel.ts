import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { Verdict } from '../../lib/counting/wire.ts';
import type { Order } from '../../lib/orders/order.ts';
import { age, ledgerId, readLedger } from './ledgerContent.ts';
import type { RandomOrder } from './randomOrders.ts';

const PERIOD_SECONDS = 10 * 86_400;
const KEPT_PERIODS = 4;
const MEMORY_SECONDS = 30 * 86_400;
const KEY_MARGIN_SECONDS = 86_400;
/** Periods that a record is stamped ahead of the clock at most. */
const MOST_AHEAD = 64;

type Total = { orders: number; cents: number };

/** What Redis must answer and hold, computed only from the orders and the time, in a Map. */
export class StatsModel {
  /** Orders that are remembered, with the latest period in which a version was counted or placed. */
  private readonly known = new Map<string, { readonly order: Order; readonly period: number }>();
  /** By key, then by field; the field '' is the total of a key. */
  private readonly totals = new Map<string, Map<string, Total>>();
  /** The latest period of an order. */
  private latest = 0;
  /** The period at which it was last seen what is forgotten. */
  private forgotten = 0;
  private expiry = Number.POSITIVE_INFINITY;

  /** What an order gets that is counted now. @param now seconds since 1970 */
  count(order: RandomOrder, now: number): Verdict['kind'] {
    const kind = this.verdict(order, now);
    if (kind === 'counted' || kind === 'revised') {
      const current = Math.floor(now / PERIOD_SECONDS);
      const placed = Math.floor(Number(order.placed.epoch) / PERIOD_SECONDS);
      const before = this.known.get(order.orderId);
      const own = Math.max(current, Math.min(placed, current + MOST_AHEAD));
      const period = before && age(current, before.period) < age(current, own) ? before.period : own;
      if (before) this.add(before.order, -1);
      this.add(order, 1);
      this.known.set(order.orderId, { order, period });
      this.latest = Math.max(this.latest, period);
      this.expiry = (this.latest + KEPT_PERIODS) * PERIOD_SECONDS + KEY_MARGIN_SECONDS;
    }
    return kind;
  }

  /** What an order would get. */
  verdict(order: RandomOrder, now: number): Verdict['kind'] {
    this.forget(now);
    const known = this.known.get(order.orderId)?.order;
    if (!known) {
      const isOld = now - Math.floor(Number(order.placed.epoch)) > MEMORY_SECONDS;
      return order.version > 1 && isOld && !order.isAccepted ? 'unknown' : 'counted';
    }
    if (known.userId !== order.userId) return 'conflict';
    if (known.version !== order.version) return known.version < order.version ? 'revised' : 'superseded';
    return contentOf(known) === contentOf(order) ? 'duplicate' : 'conflict';
  }

  /** The order that is remembered under an id. */
  remembered(orderId: string, now: number): Order | undefined {
    this.forget(now);
    return this.known.get(orderId)?.order;
  }

  /** Ids of all orders that are remembered. */
  ids(now: number): string[] {
    this.forget(now);
    return [...this.known.keys()];
  }

  /** What users spent in cents and how many orders they have. */
  users(): Map<string, Total> {
    const users = new Map<string, Total>();
    for (const [key, fields] of this.totals) {
      const total = fields.get('');
      if (key.startsWith('user:') && total?.orders) users.set(key.slice('user:'.length), total);
    }
    return users;
  }

  private forget(now: number): void {
    const period = Math.floor(now / PERIOD_SECONDS);
    if (now >= this.expiry) {
      this.known.clear();
      this.latest = 0;
    }
    if (period === this.forgotten) return;
    this.forgotten = period;
    for (const [id, entry] of this.known) if (age(period, entry.period) >= KEPT_PERIODS) this.known.delete(id);
  }

  private add({ isCancelled, userId, cents, placed }: Order, sign: 1 | -1): void {
    if (isCancelled) return;
    const month = placed.day.slice(0, 7);
    for (const [key, field] of [
      ['global:stats', ''],
      ['global:stats', month],
      ['global:days', placed.day],
      [`user:${userId}`, ''],
      [`user:${userId}`, month],
    ] as const) {
      const fields = this.totals.get(key) ?? new Map<string, Total>();
      const total = fields.get(field) ?? { orders: 0, cents: 0 };
      fields.set(field, { orders: total.orders + sign, cents: total.cents + sign * cents });
      this.totals.set(key, fields);
    }
  }

  /** Compares all totals, and the sorted set where it holds all users, with what Redis holds. */
  async expectTotals(redis: Redis, what?: string): Promise<void> {
    const expected: Record<string, Record<string, string>> = {};
    for (const [key, fields] of this.totals) {
      const hash: Record<string, string> = {};
      for (const [field, { orders, cents }] of fields)
        if (orders > 0) Object.assign(hash, written(key, field, orders, cents));
      if (Object.keys(hash).length > 0) expected[key] = hash;
    }
    const actual: Record<string, Record<string, string>> = {};
    for (const key of await redis.keys('*')) {
      if (!/ledger|top-users|messages/.test(key)) actual[key] = await redis.hgetall(key);
    }
    expect(actual, what).toEqual(expected);
    const users = this.users();
    if (users.size > 1000) return;
    const flat = await redis.zrange('global:top-users', 0, '-1', 'WITHSCORES');
    const scores: Record<string, number> = {};
    for (let n = 0; n < flat.length; n += 2) scores[flat[n] ?? ''] = Math.round(Number(flat[n + 1]) * 100);
    expect(scores, what).toEqual(Object.fromEntries([...users].map(([user, { cents }]) => [user, cents])));
  }

  /**
   * Compares what the ledger remembers with the Map.
   *
   * @param uncounted records in `state` beyond those that are there, where a test began with such a state
   */
  async expectLedger(redis: Redis, now: number, { uncounted = 0, what = '' } = {}): Promise<void> {
    this.forget(now);
    const { state, records } = await readLedger(redis);
    const period = Math.floor(now / PERIOD_SECONDS);
    const remembered = [...records].filter(([, { stamp }]) => age(period, stamp) < KEPT_PERIODS);
    const expected = new Map(
      [...this.known.values()].map(({ order, period }) => {
        const { version, isCancelled, cents, placed } = order;
        const stamp = period % 256;
        return [ledgerId(order.orderId), isCancelled ? { version, stamp } : { version, cents, day: placed.day, stamp }];
      }),
    );
    expect(new Map(remembered), what).toEqual(expected);
    expect(state.records, what).toBe(records.size + uncounted);
  }
}

function written(key: string, field: string, orders: number, cents: number): Record<string, string> {
  const amount = `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`;
  if (field !== '') return { [field]: `${orders} ${amount}` };
  return key === 'global:stats'
    ? { total_orders: `${orders}`, total_revenue: amount }
    : { order_count: `${orders}`, total_spend: amount };
}

/** All that two messages of one order and version must agree in. */
const contentOf = ({ isCancelled, placed, cents, items }: Order): string =>
  JSON.stringify(isCancelled ? [placed.epoch] : [placed.epoch, cents, items]);
