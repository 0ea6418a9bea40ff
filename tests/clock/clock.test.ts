import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';
import type { RedisConnection } from '../../lib/redis/connection.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { DAY, HOUR, LEDGER_PERIOD } from '../support/clock.ts';
import { deliver, fatesOf } from '../support/deliver.ts';
import { expectExact, type Settled } from '../support/expectModel.ts';
import { orderBody } from '../support/orderMessage.ts';
import { usedMemory } from '../support/redisInfo.ts';
import { type ClockedRedis, startCluster, startSingle } from './target.ts';

/** Borders of ledger periods that are crossed once the first orders are forgotten. */
const BORDERS = 100;
/** Periods until then. */
const WARM_UP = 5;
/** Milliseconds before and after a border in which orders are counted without a pause. */
const AROUND = 6;
const USERS = 20;
const WAIT = { timeout: 30_000 };
const ITEM = { product_id: 'P1', quantity: 1 };

describe.each([
  ['one Redis', startSingle],
  ['a cluster', startCluster],
])('on %s', (_, start) => {
  let target: ClockedRedis;
  let connection: RedisConnection;
  let redis: RedisClient;
  /** Every order of a test. */
  let bodies: string[];

  beforeAll(async () => {
    target = await start();
    connection = target.connect();
    redis = await connection.open();
  });
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const node of primariesOf(redis)) await node.flushall();
    bodies = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    connection.drop(redis);
    await target.stop();
  });

  /** So many orders that are new. */
  function newOrders(count: number): string[] {
    const orders = Array.from({ length: count }, (_, n) => {
      const number = bodies.length + n;
      return orderBody({ order_id: `ORD${number}`, user_id: `U${number % USERS}` });
    });
    bodies.push(...orders);
    return orders;
  }

  /** The results of orders, by number: `{ counted: 3 }`. */
  async function fates(orders: readonly string[]): Promise<Record<string, number>> {
    const numbers: Record<string, number> = {};
    for (const fate of await fatesOfEach(orders)) numbers[fate] = (numbers[fate] ?? 0) + 1;
    return numbers;
  }

  /** The results of orders that come in while the worker and Redis agree on the time. */
  async function fatesOfEach(orders: readonly string[]): Promise<string[]> {
    vi.setSystemTime(target.clock.now());
    return fatesOf(await deliver(connection, orders));
  }

  async function count(number: number): Promise<string[]> {
    const orders = newOrders(number);
    expect(await fates(orders)).toEqual({ counted: number });
    return orders;
  }

  async function redeliver(orders: readonly string[], when: string): Promise<void> {
    expect(await fates(orders), when).toEqual({ duplicate: orders.length });
  }

  const expectEachOnce = () =>
    expectExact(
      redis,
      bodies.map((body) => ({ body, fate: 'counted' })),
    );

  /** The first moment of the next period. */
  const nextBorder = () => (Math.floor(target.clock.now() / LEDGER_PERIOD) + 1) * LEDGER_PERIOD;

  /** Counts orders while the clock runs across a moment. */
  async function countAcross(moment: number): Promise<string[]> {
    const orders: string[] = [];
    target.clock.set(moment - AROUND);
    while (target.clock.now() < moment + AROUND) {
      const batches = [newOrders(4), newOrders(4), newOrders(4)];
      orders.push(...batches.flat());
      await Promise.all(batches.map(fates));
    }
    return orders;
  }

  it(`${BORDERS} borders of periods are crossed under traffic: redelivered orders never count twice, and none is lost`, async () => {
    const recent: string[][] = [];
    let countedTwice = 0;
    for (let n = 0; n < WARM_UP + BORDERS; n++) {
      recent.unshift(await countAcross(nextBorder()));
      // Those that were counted two periods ago, and have not come since.
      for (const orders of recent.splice(2)) countedTwice += (await fates(orders)).counted ?? 0;
    }
    expect(countedTwice).toBe(0);
    await expectEachOnce();
  });

  it('a clock that goes back an hour, across a border or not, forgets nothing', async () => {
    for (const minutes of [10, 50, 70]) {
      target.clock.set(nextBorder() + minutes * 60_000);
      const before = await count(50);
      target.clock.moveBy(-HOUR);
      await redeliver(before, `${minutes} minutes after a border, gone back`);
      const after = await count(50);
      target.clock.moveBy(HOUR);
      target.clock.moveBy(29 * DAY);
      await redeliver([...before, ...after], `${minutes} minutes after a border, 29 days further on`);
    }
    await expectEachOnce();
  });

  it('a clock that goes forward by 10 days forgets nothing, three times in a row', async () => {
    target.clock.set(nextBorder() + 6 * DAY);
    const orders = await count(50);
    for (const days of [10, 10, 9]) {
      target.clock.moveBy(days * DAY);
      orders.push(...(await count(10)));
    }
    await redeliver(orders, '29 days later');
    await expectEachOnce();
  });

  it('a clock that runs 400 days ahead and is put right again forgets nothing that it counted meanwhile', async () => {
    await count(50);
    target.clock.moveBy(400 * DAY);
    const ahead = await count(50);
    await redeliver(ahead, 'ahead');
    target.clock.moveBy(-400 * DAY);
    await redeliver(ahead, 'put right');
    const after = await count(50);
    target.clock.moveBy(29 * DAY);
    await redeliver([...ahead, ...after], 'put right, 29 days further on');
    await expectEachOnce();
  });

  it('an order is remembered for 30 days after it last came, and forgotten 41 days later, whether others come in or not', async () => {
    for (const comesIn of [10, 0]) {
      const orders = await count(50);
      for (const when of ['after they were counted', 'after they came again']) {
        for (const days of [10, 10, 9.9]) {
          target.clock.moveBy(days * DAY);
          if (comesIn > 0) await count(comesIn);
        }
        await redeliver(orders, `29.9 days ${when}`);
      }
      target.clock.moveBy(41 * DAY);
      if (comesIn > 0) await count(comesIn);
      expect(await fates(orders)).toEqual({ counted: 50 });
    }
  });

  it('a revision is remembered from its own day on, and so is a cancellation', async () => {
    const versions = [{}, { order_version: 2 }, { order_version: 3, order_status: 'cancelled' }];
    const [first = '', ...later] = versions.map((changes) =>
      orderBody({ ...changes, order_timestamp: new Date(target.clock.now() + 90 * DAY).toISOString() }),
    );
    expect(await fates([first])).toEqual({ counted: 1 });
    const seen = [first];
    for (const revision of later) {
      target.clock.moveBy(29 * DAY);
      expect(await fates([revision])).toEqual({ [revision.includes('cancelled') ? 'cancelled' : 'revised']: 1 });
      seen.push(revision);
    }
    target.clock.moveBy(29 * DAY);
    expect(await fates(seen)).toEqual({ superseded: 2, duplicate: 1 });
    bodies.push(...seen);
    await expectEachOnce();
  });

  it('a higher version of an order that is not remembered counts if it was placed within 29 days, and otherwise is unknown', async () => {
    const placed = (order_id: string, daysAgo: number) =>
      orderBody({
        order_id,
        order_version: 2,
        order_timestamp: new Date(target.clock.now() - daysAgo * DAY).toISOString(),
      });
    const [young, old] = [placed('YOUNG', 28.9), placed('OLD', 29.1)];
    expect(await fates([young])).toEqual({ counted: 1 });
    expect(await fates([old])).toEqual({ unknown: 1 });
    bodies.push(young);
    await expectEachOnce();
  });

  it('a later version finds its pre-order for 30 days after the date, and is unknown once it is forgotten', async () => {
    const placed = (days: number) => new Date(target.clock.now() + days * DAY).toISOString();
    const [amended, cancelled, late] = ['AMENDED', 'CANCELLED', 'LATE'].map((order_id) => ({
      order_id,
      order_timestamp: placed(60),
    }));
    const first = [amended, cancelled, late].map((order) => orderBody(order));
    expect(await fates(first)).toEqual({ counted: 3 });
    target.clock.moveBy(45 * DAY);
    const revision = orderBody({
      ...amended,
      order_version: 2,
      order_value: 0,
      items: [{ ...ITEM, price_per_unit: 0 }],
    });
    expect(await fates([revision])).toEqual({ revised: 1 });
    target.clock.moveBy(44.9 * DAY);
    const cancellation = orderBody({ ...cancelled, order_version: 2, order_status: 'cancelled' });
    expect(await fates([cancellation])).toEqual({ cancelled: 1 });
    target.clock.moveBy(11.1 * DAY);
    expect(await fates([orderBody({ ...late, order_version: 2 })])).toEqual({ unknown: 1 });
    bodies.push(...first, revision, cancellation);
    await expectEachOnce();
  });

  it('a shop whose clock is 9 hours ahead across a border: a later version finds its order or is unknown', async () => {
    target.clock.set(nextBorder() - 8 * HOUR);
    const order_timestamp = new Date(target.clock.now() + 9 * HOUR).toISOString();
    const first = orderBody({ order_id: 'AHEAD', order_timestamp });
    expect(await fates([first])).toEqual({ counted: 1 });
    target.clock.moveBy(30 * DAY + 8.5 * HOUR);
    const revision = orderBody({ order_id: 'AHEAD', order_timestamp, order_version: 2 });
    expect(await fates([revision])).toEqual({ revised: 1 });
    bodies.push(first, revision);
    await expectEachOnce();
  });

  it('in four years of pre-orders, amendments and cancellations no version counts beside another', async () => {
    const random = seededRandom(1, 0);
    const end = target.clock.now() + 4 * 366 * DAY;
    const settled: Settled[] = [];
    let due: { readonly at: number; readonly version: number; readonly placed: number; readonly body: string }[] = [];
    for (let step = 0; target.clock.now() < end; step++) {
      const now = target.clock.now();
      for (let n = 0; n < 5; n++) {
        const placed = now + random() ** 3 * 366 * DAY;
        let at = now;
        for (let version = 1; version <= 3; version++) {
          const body = orderBody({
            order_id: `ORD${step}-${n}`,
            user_id: `U${n}`,
            order_timestamp: new Date(placed).toISOString(),
            order_version: version,
            order_status: version > 1 && random() < 0.3 ? 'cancelled' : 'placed',
            order_value: version,
            items: [{ ...ITEM, price_per_unit: version }],
          });
          due.push({ at, version, placed, body });
          at = Math.max(at, random() < 0.5 ? placed : at) + random() * 60 * DAY;
        }
      }
      const batch = due.filter(({ at }) => at <= now);
      due = due.filter(({ at }) => at > now);
      const results = await fatesOfEach(batch.map(({ body }) => body));
      for (const [index, { version, placed, body }] of batch.entries()) {
        const fate = results[index];
        const isYoung = now < placed + 30 * DAY;
        const expected =
          version === 1 ? /^counted$/ : isYoung ? /^(revised|cancelled)$/ : /^(revised|cancelled|unknown)$/;
        expect(fate, `${new Date(now).toISOString()}: ${body}`).toMatch(expected);
        settled.push({ body, fate: fate === 'unknown' ? 'rejected' : 'counted' });
      }
      target.clock.moveBy(random() * 8 * DAY);
    }
    expect(settled.filter(({ fate }) => fate === 'rejected').length).toBeGreaterThan(100);
    await expectExact(redis, settled);
  });

  it('70 days later the ledger is gone, and its memory with it', async () => {
    await count(USERS);
    const before = await memory();
    const keysBefore = await keys();
    for (let n = 0; n < 20; n++) await count(1000);
    const grown = (await memory()) - before;
    // Up to 40 until the last record is forgotten, and 29 for replays.
    target.clock.moveBy(70 * DAY);
    await vi.waitFor(async () => expect((await memory()) - before).toBeLessThan(grown / 4), WAIT);
    await count(USERS);
    expect(await keys()).toBe(keysBefore);
    await expectEachOnce();
  });

  it('40 days later the memory of what is forgotten comes back while orders come in', async () => {
    await count(USERS);
    const before = await memory();
    for (let n = 0; n < 20; n++) await count(1000);
    const grown = (await memory()) - before;
    // One order in each period, so that the ledger as a whole does not expire.
    for (let n = 0; n < 4; n++) {
      target.clock.moveBy(10 * DAY);
      await count(USERS);
    }
    // A call sweeps 100 of some 4,000 buckets.
    for (let n = 0; n < 50; n++) await count(USERS);
    await vi.waitFor(async () => expect((await memory()) - before).toBeLessThan(grown / 4), WAIT);
    await expectEachOnce();
  });

  const sumOf = async (ask: (node: Redis) => Promise<number>) =>
    (await Promise.all(primariesOf(redis).map(ask))).reduce((sum, number) => sum + number, 0);
  const memory = () => sumOf(usedMemory);
  const keys = () => sumOf((node) => node.dbsize());
});
