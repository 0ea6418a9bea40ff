import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RedisConnection } from '../../lib/redis.ts';
import { primariesOf, type RedisClient } from '../../lib/redisClient.ts';
import { expectExact } from '../chaos/model.ts';
import { deliver, fatesOf } from '../cluster/support/deliver.ts';
import { DAY, HOUR } from '../support/clock.ts';
import { LEDGER_PERIOD } from '../support/ledgerPeriod.ts';
import { orderBody } from '../support/orderMessage.ts';
import { usedMemory } from '../support/usedMemory.ts';
import { startCluster, startSingle, type Target } from './target.ts';

/** Borders of ledger periods that are crossed once the first ledgers expire. */
const BORDERS = 100;
/** Periods until then. */
const WARM_UP = 5;
/** Milliseconds before and after a border in which orders are counted without a pause. */
const AROUND = 6;
const USERS = 20;

describe.each([
  ['one Redis', startSingle],
  ['a cluster', startCluster],
])('on %s', (_, start) => {
  let target: Target;
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
    for (const node of primariesOf(redis)) await node.flushall();
    bodies = [];
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

  /** What becomes of orders, by number: `{ counted: 3 }`. */
  async function fates(orders: readonly string[]): Promise<Record<string, number>> {
    const numbers: Record<string, number> = {};
    for (const fate of fatesOf(await deliver(connection, orders))) numbers[fate] = (numbers[fate] ?? 0) + 1;
    return numbers;
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
      // Those that were counted less than 30 days ago.
      recent.length = Math.min(recent.length, 3);
      for (const orders of recent) countedTwice += (await fates(orders)).counted ?? 0;
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
      for (const days of [0, 10, 19]) {
        target.clock.moveBy(days * DAY);
        await redeliver([...before, ...after], `${minutes} minutes after a border, ${days} days further on`);
      }
    }
    await expectEachOnce();
  });

  it('a clock that goes forward by 10 days forgets nothing, three times in a row', async () => {
    target.clock.set(nextBorder() + 6 * DAY);
    const orders = await count(50);
    for (const days of [10, 10, 9]) {
      target.clock.moveBy(days * DAY);
      orders.push(...(await count(10)));
      await redeliver(orders, `${days} days later`);
    }
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
    for (const days of [10, 19]) {
      target.clock.moveBy(days * DAY);
      await redeliver([...ahead, ...after], `put right, ${days} days further on`);
    }
    await expectEachOnce();
  });

  it('40 days later the ledger is gone, and its memory with it', async () => {
    const sumOf = async (ask: (node: Redis) => Promise<number>) =>
      (await Promise.all(primariesOf(redis).map(ask))).reduce((sum, number) => sum + number, 0);
    const memory = () => sumOf(usedMemory);
    const keys = () => sumOf((node) => node.dbsize());
    await count(USERS);
    const keysBefore = await keys();
    const before = await memory();
    for (let n = 0; n < 20; n++) await count(1000);
    const grown = (await memory()) - before;
    target.clock.moveBy(40 * DAY);
    await count(USERS);
    await vi.waitFor(async () => expect((await memory()) - before).toBeLessThan(grown / 4), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await keys()).toBe(keysBefore), { timeout: 20_000 });
    await expectEachOnce();
  });
});
