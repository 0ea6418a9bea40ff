import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import type { Order } from '../../lib/orders/order.ts';
import { pickNumber, seededRandom } from '../../scripts/shared/random.ts';
import { type Clock, DAY, HOUR, LEDGER_PERIOD, startClock } from '../support/clock.ts';
import { expectLedger, expectTotals } from '../support/expectModel.ts';
import { baseOf, fieldOf, readLedger } from '../support/ledgerContent.ts';
import { ShardModel } from '../support/model.ts';
import {
  countInModel,
  countRandom,
  idsOfFewBuckets,
  orderAt,
  type RandomOrder,
  randomOrder,
} from '../support/randomOrders.ts';

const LEDGER = 'global:ledger:orders';
const HALF_HOUR = HOUR / 2;

let clock: Clock;
let server: RedisServer;
let redis: Redis;
const STEPS = 25;
const BUCKETS = 4;
const fewBuckets = idsOfFewBuckets(60, BUCKETS);

beforeAll(async () => {
  clock = await startClock();
  server = await startRedisServer({ environment: clock.environment });
  redis = new Redis(server.url);
  defineCountingScript(redis);
});
beforeEach(async () => {
  clock.set(Date.now());
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  clock.remove();
});

/** Seconds since 1970 by the clock of Redis. */
const time = async (): Promise<number> => Number((await redis.time())[0]);

/** The first moment of the next period. */
const nextBorder = (): number => (Math.floor(clock.now() / LEDGER_PERIOD) + 1) * LEDGER_PERIOD;

const kindsOf = async (orders: readonly RandomOrder[]): Promise<string[]> =>
  (await countRandom(redis, orders)).map(({ kind }) => kind);

/** Bytes. */
const memoryOfLedger = async (): Promise<number> => Number(await redis.memory('USAGE', LEDGER, 'SAMPLES', 0));

const numbered = (prefix: string, count: number): Order[] =>
  Array.from({ length: count }, (_, n) => orderAt(1_734_084_000, { orderId: `${prefix}${n}`, userId: `U${n % 20}` }));

/** Lists of orders, one for each of the few buckets, whose ids are not among those that are mixed. */
function newInEachBucket(lists: number): Order[][] {
  const found: string[][] = Array.from({ length: BUCKETS }, () => []);
  for (let n = 0; found.some((ids) => ids.length < lists); n++) found[baseOf(`NEW${n}`)]?.push(`NEW${n}`);
  return Array.from({ length: lists }, (_, n) =>
    found.map((ids) => orderAt(1_734_084_000, { orderId: ids[n] ?? '', userId: 'NEW' })),
  );
}

it('orders are remembered and forgotten as in a Map, whatever the clock does', async () => {
  // Moves are whole hours, half an hour off the borders, which nothing happens at by chance then.
  const moves = [HOUR, HOUR, 5 * HOUR, 3 * DAY, 9 * DAY, 10 * DAY, 29 * DAY, 31 * DAY, 41 * DAY, -HOUR, -HOUR];
  const jumps = [-400 * DAY, 400 * DAY, 100 * DAY];
  const newcomers = newInEachBucket(STEPS);
  for (let seed = 1; seed <= 15; seed++) {
    await redis.flushall();
    const random = seededRandom(seed, 0);
    clock.set(nextBorder() - HALF_HOUR);
    const model = new ShardModel('at once');
    for (let step = 0; step < STEPS; step++) {
      const now = await time();
      const what = `seed ${seed}, step ${step}, ${new Date(now * 1000).toISOString()}`;
      const orders = Array.from({ length: 1 + pickNumber(random, 30) }, () => randomOrder(random, fewBuckets, now));
      // A new order for each bucket, so that what is old is forgotten at once there too, even if the clock goes back then.
      orders.push(...(newcomers[step] ?? []));
      const expected = orders.map((order) => countInModel(model, order, now));
      expect(await kindsOf(orders), what).toEqual(expected);
      await expectTotals(redis, model, what);
      if (await redis.exists(LEDGER)) await expectLedger(redis, model, now, { what });
      const list = pickNumber(random, 12) === 0 ? jumps : moves;
      clock.moveBy(list[pickNumber(random, list.length)] ?? 0);
    }
  }
});

it.each([
  ['a second before', -1000],
  ['a second after', 1000],
])(
  'an order that is counted %s the end of a period is remembered 30 days later, and its key for a day more',
  async (_, ms) => {
    clock.set(nextBorder() + ms);
    const [order] = numbered('ORD', 1);
    if (!order) throw new Error('There is no order');
    expect(await kindsOf([order])).toEqual(['counted']);
    expect((await redis.expiretime(LEDGER)) - (await time())).toBeGreaterThanOrEqual((31 * DAY) / 1000 - 5);
    clock.moveBy(30 * DAY);
    expect(await kindsOf([order])).toEqual(['duplicate']);
  },
);

it('an order that nobody sends for 41 days is forgotten', async () => {
  const orders = numbered('ORD', 3);
  expect(await kindsOf(orders)).toEqual(Array(3).fill('counted'));
  clock.moveBy(41 * DAY);
  expect(await kindsOf(orders)).toEqual(Array(3).fill('counted'));
});

it('an order that comes again within 30 days, in any of its versions, counts once in 3 years', async () => {
  const [first, revised] = numbered('ORD', 2);
  if (!first || !revised) throw new Error('There are no orders');
  expect(await kindsOf([first, revised, { ...revised, version: 2 }])).toEqual(['counted', 'counted', 'revised']);
  for (let n = 0; n < 38; n++) {
    clock.moveBy(29 * DAY);
    expect(await kindsOf([first, revised])).toEqual(['duplicate', 'superseded']);
    expect((await redis.ttl(LEDGER)) - (31 * DAY) / 1000).toBeGreaterThan(-5);
  }
  expect(await redis.hget('global:stats', 'total_orders')).toBe('2');
});

it('a conflict does not extend the time for which its order is remembered', async () => {
  const [order] = numbered('ORD', 1);
  if (!order) throw new Error('There is no order');
  expect(await kindsOf([order])).toEqual(['counted']);
  clock.moveBy(29 * DAY);
  expect(await kindsOf([{ ...order, cents: 7 }])).toEqual(['conflict']);
  clock.moveBy(12 * DAY);
  expect(await kindsOf([order])).toEqual(['counted']);
});

it('a bucket of records that a clock ahead has stamped is as old as what is entered once it is right again', async () => {
  clock.set(nextBorder() + HALF_HOUR);
  const [ahead = [], right = []] = newInEachBucket(2);
  expect(await kindsOf(ahead)).toEqual(ahead.map(() => 'counted'));
  clock.moveBy(-HOUR);
  expect(await kindsOf(right)).toEqual(right.map(() => 'counted'));
  // Throws where the header of a bucket says that it is younger than one of its records.
  expect((await readLedger(redis)).records.size).toBe(2 * BUCKETS);
});

it('an order is remembered for 30 days after its last version, not after its first', async () => {
  const [order] = numbered('ORD', 1);
  if (!order) throw new Error('There is no order');
  expect(await kindsOf([order])).toEqual(['counted']);
  clock.moveBy(25 * DAY);
  expect(await kindsOf([{ ...order, version: 2, cents: 7 }])).toEqual(['revised']);
  clock.moveBy(29 * DAY);
  expect(await kindsOf([order, { ...order, version: 3, cents: 8 }])).toEqual(['superseded', 'revised']);
  clock.moveBy(29 * DAY);
  expect(await kindsOf([{ ...order, version: 3, cents: 8 }])).toEqual(['duplicate']);
  expect(await redis.hget('user:U0', 'total_spend')).toBe('0.08');
});

it.each([1, 5, 7, 8, 20, 7000])(
  'an order dated %i years ahead of the clock of Redis is known when it comes again, and after that clock went back a year',
  async (years) => {
    const order = orderAt((await time()) + years * 366 * 86_400, { orderId: 'AHEAD' });
    expect(await kindsOf([order])).toEqual(['counted']);
    expect(await kindsOf([order])).toEqual(['duplicate']);
    clock.moveBy(-366 * DAY);
    expect(await kindsOf([order, ...numbered('OTHER', 1)])).toEqual(['duplicate', 'counted']);
  },
);

it.each([
  ['is 9 hours ahead and put right', 9 * HOUR],
  ['is that of a replica 2 seconds behind', 2000],
])('no later version counts beside an order that was forgotten before the clock %s', async (_, back) => {
  clock.set(nextBorder() - back / 2);
  const [[order] = [], [neighbour] = []] = newInEachBucket(2);
  if (!order || !neighbour) throw new Error('There is no order');
  const placed = orderAt(await time(), { orderId: order.orderId });
  expect(await kindsOf([placed])).toEqual(['counted']);
  clock.moveBy(30 * DAY + back);
  // Its bucket drops the records that are forgotten.
  expect(await kindsOf([neighbour])).toEqual(['counted']);
  clock.moveBy(-back);
  expect(await kindsOf([{ ...placed, version: 2, isCancelled: true, cents: 0 }])).toEqual(['unknown']);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('2');
});

it('an order dated ahead is remembered until 30 days after its date, and its key for 29 days more', async () => {
  const order = orderAt((await time()) + 200 * 86_400, { orderId: 'AHEAD' });
  await kindsOf(numbered('BEFORE', 1));
  expect(await kindsOf([order])).toEqual(['counted']);
  await kindsOf(numbered('AFTER', 1));
  expect((await redis.expiretime(LEDGER)) - Number(order.placed.epoch)).toBeGreaterThanOrEqual((59 * DAY) / 1000);
  clock.moveBy(229 * DAY);
  expect(await kindsOf([{ ...order, cents: 7 }])).toEqual(['conflict']);
  clock.moveBy(41 * DAY);
  expect(await redis.exists(LEDGER)).toBe(0);
});

it('a revision with an earlier date shortens the time for which its order is remembered by nothing', async () => {
  const order = orderAt((await time()) + 100 * 86_400, { orderId: 'AHEAD' });
  const earlier = { ...orderAt(await time(), { orderId: 'AHEAD' }), version: 2 };
  expect(await kindsOf([order, earlier])).toEqual(['counted', 'revised']);
  clock.moveBy(129 * DAY);
  expect(await kindsOf([{ ...order, version: 3 }])).toEqual(['revised']);
});

it('the ledger is never about to expire, however long orders go on coming', async () => {
  const first = numbered('FIRST', 5);
  for (let n = 0; n < 12; n++) {
    await kindsOf([...numbered(`N${n}-`, 5)]);
    expect((await redis.ttl(LEDGER)) - (31 * DAY) / 1000).toBeGreaterThan(-5);
    clock.moveBy(5 * DAY);
  }
  expect(await kindsOf(first)).toEqual(Array(5).fill('counted'));
});

it('without any order the whole ledger is gone 70 days after the last, and statistics stay', async () => {
  await kindsOf(numbered('ORD', 100));
  clock.moveBy(70 * DAY);
  expect(await redis.exists(LEDGER)).toBe(0);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('100');
});

it('records and their memory are gone within 50 days where only other orders arrive, now and then', async () => {
  for (let n = 0; n < 20; n++) await kindsOf(numbered(`B${n}-`, 1000));
  const grown = await memoryOfLedger();
  const start = await readLedger(redis);
  expect(start.state.records).toBe(20_000);
  const days = 51;
  const hours = 4;
  for (let hour = 0; hour < days * 24; hour += hours) {
    clock.moveBy(hours * HOUR);
    await kindsOf(numbered(`LATER${hour}-`, 1));
  }
  const { state, records } = await readLedger(redis);
  expect(state.records).toBe(records.size);
  expect(records.size).toBeLessThanOrEqual((days * 24) / hours);
  expect(await memoryOfLedger()).toBeLessThan(grown / 4);
});

it.each([
  ['a text', 'text'],
  ['empty', ''],
  ['a header', '\0\0\0'],
])('the sweep leaves a corrupt bucket, %s, for an operator to repair', async (_, corruption) => {
  const field = fieldOf(4000);
  await kindsOf(numbered('ORD', 20));
  await redis.hset(LEDGER, field, corruption);
  for (let day = 0; day < 60; day++) {
    clock.moveBy(DAY);
    for (let n = 0; n < 5; n++) await kindsOf(numbered(`D${day}-${n}`, 1));
  }
  expect(await redis.hgetBuffer(LEDGER, field)).toEqual(Buffer.from(corruption));
  expect(await redis.hget('global:stats', 'total_orders')).toBe('320');
});

it.each([
  ['every minute or so', 3 * 60_000],
  ['every few hours', 5 * HOUR],
])('the sweep goes over all buckets once in 10 days, where orders arrive %s', async (_, pause) => {
  await kindsOf(numbered('ORD', 1));
  const since = (await readLedger(redis)).state.swept;
  const random = seededRandom(1, 0);
  let swept = 0;
  let next = 0;
  for (let n = 0; n < 150; n++) {
    clock.moveBy(Math.round(random() * pause));
    await kindsOf(numbered(`N${n}-`, 1));
    const { state } = await readLedger(redis);
    swept += (state.sweepNext - next + state.buckets) % state.buckets;
    next = state.sweepNext;
  }
  const { state } = await readLedger(redis);
  const passed = (await time()) - since;
  const due = (passed * 1000 * state.buckets) / LEDGER_PERIOD;
  expect(Math.abs(swept - due)).toBeLessThanOrEqual(3);
});

it('after a pause the sweep catches up, a few buckets an order, and a period at most', async () => {
  await kindsOf(numbered('ORD', 1));
  clock.moveBy(25 * DAY);
  let swept = 0;
  let next = 0;
  for (let n = 0; n < 60; n++) {
    await kindsOf(numbered(`N${n}-`, 1));
    const { state } = await readLedger(redis);
    const step = (state.sweepNext - next + state.buckets) % state.buckets;
    expect(step).toBeLessThanOrEqual(100);
    swept += step;
    next = state.sweepNext;
  }
  expect(Math.abs(swept - 4096)).toBeLessThanOrEqual(3);
});

it.each([
  ['an hour', HOUR],
  ['400 days', 400 * DAY],
])('a clock that goes back by %s forgets nothing, and new orders are remembered for 30 days', async (_, back) => {
  clock.set(nextBorder() + HALF_HOUR);
  const future = numbered('FUTURE', 200);
  await kindsOf(future);
  clock.moveBy(-back);
  expect(new Set(await kindsOf(future))).toEqual(new Set(['duplicate']));
  const present = numbered('PRESENT', 200);
  expect(new Set(await kindsOf(present))).toEqual(new Set(['counted']));
  clock.moveBy(29 * DAY);
  expect(new Set(await kindsOf([...future, ...present]))).toEqual(new Set(['duplicate']));
  expect(await redis.hget('global:stats', 'total_orders')).toBe('400');
});
