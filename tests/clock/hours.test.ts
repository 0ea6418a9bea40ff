import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import { type HourOf, hourIn, hourInUtc } from '../../lib/orders/calendar.ts';
import type { Order } from '../../lib/orders/order.ts';
import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import type { RedisConnection } from '../../lib/redis/connection.ts';
import { OverviewReader } from '../../lib/stats/overviewReader.ts';
import { defineOverviewScript } from '../../lib/stats/overviewShard.ts';
import { sumOf } from '../../lib/stats/totals.ts';
import { DAY, HOUR } from '../support/clock.ts';
import { orderAt } from '../support/randomOrders.ts';
import { type ClockedRedis, startCluster, startSingle } from './target.ts';

const MINUTE = 60_000;
const USERS = 20;
const NOON = Date.parse('2027-02-10T12:30:00Z');

describe.each([
  ['one Redis', startSingle],
  ['a cluster', startCluster],
])('on %s', (_, start) => {
  let target: ClockedRedis;
  let connection: RedisConnection;
  let redis: RedisClient;
  let orders: number;

  beforeAll(async () => {
    target = await start();
    connection = target.connect();
    redis = await connection.open();
    defineOverviewScript(redis);
  });
  beforeEach(async () => {
    for (const node of primariesOf(redis)) await node.flushall();
    target.clock.set(NOON);
    orders = 0;
  });
  afterAll(async () => {
    connection.drop(redis);
    await target.stop();
  });

  /** A new order of one of 20 users, placed at a time in milliseconds since 1970. */
  function newOrder(placed: number, hourOf: HourOf = hourInUtc): Order {
    const order = orderAt(Math.floor(placed / 1000), {
      orderId: `ORD${orders}`,
      userId: `U${orders % USERS}`,
      cents: 100,
    });
    orders++;
    return { ...order, placed: { ...order.placed, hour: hourOf(placed) } };
  }

  async function count(...list: Order[]): Promise<string[]> {
    return (await countOrders(redis, list)).map(({ kind }) => kind);
  }

  /** The hours with orders of the last 72, without the year: orders and cents. */
  async function hours(hourOf: HourOf = hourInUtc): Promise<Record<string, [orders: number, cents: number]>> {
    const { names, statistics } = await new OverviewReader(hourOf).read(redis);
    expect(statistics).not.toBeNull();
    const found: Record<string, [number, number]> = {};
    for (const name of names.hours) {
      const { count, cents } = sumOf((statistics ?? []).map(({ hours }) => hours.get(name)));
      if (count > 0) found[name.slice(5)] = [count, cents];
    }
    return found;
  }

  /** All fields of `global:hours`. */
  async function stored(): Promise<string[]> {
    const fields = new Set<string>();
    for (const node of primariesOf(redis))
      for (const key of await node.keys('*global:hours')) for (const field of await node.hkeys(key)) fields.add(field);
    return [...fields].sort();
  }

  it.each([
    ['of 23 hours', '2027-03-27T23:00Z', 23, { '03-28T01': [2, 200], '03-28T03': [2, 200] }, '03-28T02'],
    ['of 25 hours', '2027-10-30T22:00Z', 25, { '10-31T01': [2, 200], '10-31T02': [4, 400] }, undefined],
  ])(
    'on a day %s every order is in the hour that the clocks of the zone show',
    async (_, midnight, length, some, none) => {
      const hourOf = hourIn('Europe/Berlin');
      for (let n = 0; n < 2 * length; n++) {
        const now = Date.parse(midnight) + n * 30 * MINUTE;
        target.clock.set(now);
        expect(await count(newOrder(now, hourOf))).toEqual(['counted']);
      }
      const found = await hours(hourOf);
      expect(found).toMatchObject(some);
      expect(Object.keys(found)).toHaveLength(Math.min(length, 24));
      expect(Object.keys(found)).not.toContain(none);
      expect(sumOf(Object.values(found).map(([count, cents]) => ({ count, cents })))).toEqual({
        count: 2 * length,
        cents: 200 * length,
      });
    },
  );

  it('a revision and a cancellation take an order out of the hour that it was counted in, whatever they say', async () => {
    const [first, second] = [newOrder(NOON - 5 * HOUR), newOrder(NOON - 5 * HOUR)];
    await count(first, second);
    const { placed } = newOrder(NOON - HOUR);
    expect(await count({ ...first, version: 2, cents: 300, placed })).toEqual(['revised']);
    expect(await hours()).toEqual({ '02-10T07': [1, 100], '02-10T11': [1, 300] });
    expect(await count({ ...second, version: 2, isCancelled: true, placed })).toEqual(['revised']);
    expect(await hours()).toEqual({ '02-10T11': [1, 300] });
    expect(await count({ ...second, version: 3, placed }, first, { ...first, version: 2, cents: 1, placed })).toEqual([
      'revised',
      'superseded',
      'conflict',
    ]);
    expect(await hours()).toEqual({ '02-10T11': [2, 400] });
  });

  it('only the last hours are kept: an older order neither enters its hour nor is taken out of it', async () => {
    const [last, old] = [newOrder(NOON - 96 * HOUR), newOrder(NOON - 97 * HOUR)];
    await count(last, old);
    expect(await stored()).toEqual(['2027-02-06T12']);
    target.clock.moveBy(HOUR);
    const cancelled = { version: 2, isCancelled: true };
    expect(await count({ ...last, ...cancelled }, { ...old, ...cancelled })).toEqual(['revised', 'revised']);
    expect(await stored()).toEqual(['2027-02-06T12']);
  });

  it('hours that are over go when a new one begins, however long nothing was counted', async () => {
    for (let n = 0; n < 30; n++) {
      target.clock.moveBy(10 * HOUR);
      const list = Array.from({ length: USERS }, () => newOrder(target.clock.now()));
      await count(...list);
    }
    expect((await stored()).length).toBeLessThanOrEqual(10);
    target.clock.moveBy(3 * 365 * DAY);
    for (let n = 0; n < USERS; n++) await count(newOrder(target.clock.now()));
    expect(await stored()).toEqual(['2030-02-22T00']);
  });

  it('an order dated ahead is shown once its hour has come', async () => {
    const [early, revised, cancelled] = [2, 2, 2].map((ahead) => newOrder(NOON + ahead * HOUR));
    if (!early || !revised || !cancelled) throw new Error('There are three orders');
    await count(early, revised, cancelled);
    expect(await hours()).toEqual({});
    await count({ ...cancelled, version: 2, isCancelled: true });
    target.clock.moveBy(2 * HOUR);
    expect(await hours()).toEqual({ '02-10T14': [2, 200] });
    await count({ ...revised, version: 2, cents: 700 });
    expect(await hours()).toEqual({ '02-10T14': [2, 800] });
  });

  it('a clock that goes back by 12 hours changes no hour that is shown', async () => {
    const list = Array.from({ length: 100 }, (_, n) => newOrder(NOON - n * HOUR));
    await count(...list);
    target.clock.moveBy(-12 * HOUR);
    const shown = await hours();
    expect(Object.values(shown)).toEqual(Array(72).fill([1, 100]));
    expect(await count(...list.map((order) => ({ ...order, version: 2 })))).toEqual(list.map(() => 'revised'));
    expect(await hours()).toEqual(shown);
  });

  it('after a clock that was years ahead the next orders are in their hours, and none falls below zero', async () => {
    const before = newOrder(NOON);
    target.clock.moveBy(1000 * DAY);
    const meanwhile = newOrder(NOON);
    await count(before, meanwhile);
    target.clock.set(NOON + MINUTE);
    const cancelled = { version: 2, isCancelled: true };
    expect(await count({ ...before, ...cancelled }, { ...meanwhile, ...cancelled })).toEqual(['revised', 'revised']);
    expect(await hours()).toEqual({});
    await count(newOrder(NOON));
    expect(await hours()).toEqual({ '02-10T12': [1, 100] });
  });

  it('how many orders were counted in a minute and in the one before is known', async () => {
    const user = newOrder(NOON).userId;
    const placed = (number: number) => Array.from({ length: number }, () => ({ ...newOrder(NOON), userId: user }));
    const pace = async () => {
      for (const node of primariesOf(redis))
        for (const key of await node.keys('*global:messages'))
          return node.hmget(key, 'counted', 'counted_that_minute', 'counted_minute_before');
      return [];
    };
    const first = placed(3);
    await count(...first);
    await count(...placed(2), ...first);
    expect(await pace()).toEqual(['5', '5', '0']);
    target.clock.moveBy(MINUTE);
    await count(...placed(1), ...first.map((order) => ({ ...order, version: 2 })));
    expect(await pace()).toEqual(['6', '4', '5']);
    await count(...first);
    expect(await pace()).toEqual(['6', '4', '5']);
    target.clock.moveBy(2 * MINUTE);
    await count(...placed(1));
    expect(await pace()).toEqual(['7', '1', '0']);
  });
});
