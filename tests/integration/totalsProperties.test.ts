import { describe, expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import type { Order } from '../../lib/orders/order.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { expectLedger, expectTotals } from '../support/expectModel.ts';
import { ShardModel } from '../support/model.ts';
import { countInModel, orderAt } from '../support/randomOrders.ts';
import { redisContent } from '../support/storedContent.ts';

const redis = await countingRedis();

const DECEMBER = Date.parse('2024-12-13T12:00:00Z') / 1000;
const JANUARY = Date.parse('2025-01-31T23:59:59Z') / 1000;

let number = 0;
const newOrder = (changes: Partial<Order> = {}, seconds = DECEMBER): Order =>
  orderAt(seconds, { orderId: `ORD${number++}`, userId: 'U1', cents: 125, ...changes });

const kindsOf = async (orders: readonly Order[]): Promise<string[]> =>
  (await countOrders(redis, orders)).map(({ kind }) => kind);

/** Orders of users U1 and U2 in two months, some of a user twice; each as a batch may have them. */
const someOrders = (): Order[] =>
  ['U1', 'U2', 'U1', 'U3', 'U2'].flatMap((userId) => [newOrder({ userId }), newOrder({ userId }, JANUARY)]);

async function counted(orders: readonly Order[]): Promise<ShardModel> {
  const model = new ShardModel('at once');
  const now = Number((await redis.time())[0]);
  for (const order of orders) countInModel(model, order, now);
  return model;
}

/** Texts that are no total of a month or a day. */
const NO_TOTALS = [
  '',
  '1',
  '1.25',
  '1 ',
  '1 1',
  '1 1.2',
  '1 1.255',
  '1 -1.25',
  '-1 1.25',
  '1 1.25 ',
  ' 1 1.25',
  '1  1.25',
  '1 1e3.00',
  '0x1 1.25',
  '1 inf',
  'nan 1.25',
  '1 90000000000000.00',
  '9000000000000000 1.25',
];

describe.each([
  ['global:stats', '2024-12'],
  ['global:days', '2024-12-13'],
])('when %s is corrupt', (key, field) => {
  it.each(NO_TOTALS)(
    'a part of %j fails all orders before anything changes; after the repair all count',
    async (text) => {
      const first = newOrder({ userId: 'U4' });
      expect(await kindsOf([first])).toEqual(['counted']);
      await redis.hset(key, field, text);
      const before = await redisContent(redis);
      const orders = someOrders();
      const verdicts = await countOrders(redis, orders);
      expect(verdicts).toEqual(Array(10).fill({ kind: 'corrupt', reason: `${key}: ${field} is corrupt` }));
      expect(await redisContent(redis)).toEqual(before);
      await redis.hset(key, field, '1 1.25');
      expect(await kindsOf(orders)).toEqual(Array(10).fill('counted'));
      await expectTotals(redis, await counted([first, ...orders]));
    },
  );
});

it.each(NO_TOTALS)(
  'a month of a user that is %j fails the orders of that user; the others are counted once',
  async (text) => {
    const first = newOrder({ userId: 'U2' });
    expect(await kindsOf([first])).toEqual(['counted']);
    await redis.hset('user:U2', '2024-12', text);
    const before = await redis.hgetall('user:U2');
    const orders = someOrders();
    const verdicts = await countOrders(redis, orders);
    expect(verdicts).toEqual(
      orders.map(({ userId }) =>
        userId === 'U2' ? { kind: 'corrupt', reason: 'user:U2: 2024-12 is corrupt' } : { kind: 'counted' },
      ),
    );
    expect(await redis.hgetall('user:U2')).toEqual(before);
    await redis.hset('user:U2', '2024-12', '1 1.25');
    expect(await kindsOf(orders)).toEqual(orders.map(({ userId }) => (userId === 'U2' ? 'counted' : 'duplicate')));
    const model = await counted([first, ...orders]);
    await expectTotals(redis, model);
    await expectLedger(redis, model, Number((await redis.time())[0]));
  },
);

/** Fields of a total of all months that no order may be added to. */
const NO_COUNTS = ['', '-1', '1.5', '1 ', '0x1', 'nan', '9000000000000000'];
const NO_AMOUNTS = ['', '1', '1.2', '1.255', '-1.25', '1e3.00', 'inf', '1.25 ', ' 1.25', '90000000000000.00'];

it.each([
  ...NO_COUNTS.map((text) => ['order_count', text] as const),
  ...NO_AMOUNTS.map((text) => ['total_spend', text] as const),
])('a user whose %s is %j fails only its own orders', async (field, text) => {
  await kindsOf([newOrder({ userId: 'U2' })]);
  await redis.hset('user:U2', field, text);
  const before = await redis.hgetall('user:U2');
  const [one, other] = await countOrders(redis, [newOrder({ userId: 'U2' }), newOrder()]);
  expect(one).toEqual({ kind: 'corrupt', reason: 'user:U2: order_count or total_spend is corrupt' });
  expect(other).toEqual({ kind: 'counted' });
  expect(await redis.hgetall('user:U2')).toEqual(before);
});

it.each([
  ...NO_COUNTS.map((text) => ['total_orders', text] as const),
  ...NO_AMOUNTS.map((text) => ['total_revenue', text] as const),
])('global:stats whose %s is %j fails all orders before anything changes', async (field, text) => {
  await kindsOf([newOrder()]);
  await redis.hset('global:stats', field, text);
  const before = await redisContent(redis);
  const reason = 'global:stats: total_orders or total_revenue is corrupt';
  expect(await countOrders(redis, [newOrder(), newOrder({ userId: 'U2' })])).toEqual(
    Array(2).fill({ kind: 'corrupt', reason }),
  );
  expect(await redisContent(redis)).toEqual(before);
});

it.each(['global:stats', 'global:days', 'global:top-users', 'global:ledger:orders'])(
  '%s of another type fails all orders before anything changes',
  async (key) => {
    await redis.set(key, 'text');
    const before = await redisContent(redis);
    const [verdict] = await countOrders(redis, [newOrder()]);
    expect(verdict).toEqual({ kind: 'corrupt', reason: expect.stringContaining(`${key}: WRONGTYPE`) });
    expect(await redisContent(redis)).toEqual(before);
  },
);

it.each(['', 'text', '-1', '1.5', '-1 U1'])('a floor of %j fails all orders before anything changes', async (text) => {
  await redis.set('global:top-users:floor', text);
  const before = await redisContent(redis);
  const [verdict] = await countOrders(redis, [newOrder()]);
  expect(verdict).toEqual({ kind: 'corrupt', reason: 'global:top-users:floor is corrupt' });
  expect(await redisContent(redis)).toEqual(before);
});

it('a user of another type fails only its own orders', async () => {
  await redis.set('user:U2', 'text');
  const [one, other] = await countOrders(redis, [newOrder({ userId: 'U2' }), newOrder()]);
  expect(one).toEqual({ kind: 'corrupt', reason: expect.stringContaining('user:U2: WRONGTYPE') });
  expect(other).toEqual({ kind: 'counted' });
  expect(await redis.get('user:U2')).toBe('text');
});

describe.each([
  ['global:stats', 'total_revenue', ''],
  ['global:stats', '2024-12', '1 '],
  ['global:days', '2024-12-13', '1 '],
  ['user:U1', 'total_spend', ''],
  ['user:U1', '2024-12', '1 '],
])('%s, %s', (key, field, orders) => {
  it('the largest amount is accepted, and not a cent more', async () => {
    await kindsOf([newOrder({ cents: 0 })]);
    await redis.hset(key, field, `${orders}89999999999998.00`);
    const above = newOrder({ cents: 201 });
    const before = await redisContent(redis);
    expect(await kindsOf([above])).toEqual(['corrupt']);
    expect(await redisContent(redis)).toEqual(before);
    expect(await kindsOf([newOrder({ cents: 200 })])).toEqual(['counted']);
    expect(await redis.hget(key, field)).toMatch(/^(2 )?90000000000000\.00$/);
  });

  it('a cancellation that would leave a negative total, or an amount without orders, fails', async () => {
    const order = newOrder({ cents: 200 });
    await kindsOf([order]);
    for (const amount of ['1.99', '2.01']) {
      await redis.hset(key, field, `${orders}${amount}`);
      const before = await redisContent(redis);
      expect(await kindsOf([{ ...order, version: 2, isCancelled: true, cents: 0 }]), amount).toEqual(['corrupt']);
      expect(await redisContent(redis)).toEqual(before);
    }
  });
});

it.each([
  ['global:stats', { total_orders: '2', total_revenue: '1.99' }],
  ['global:stats', { '2024-12': '2 1.99' }],
  ['global:days', { '2024-12-13': '2 1.99' }],
  ['user:U1', { order_count: '2', total_spend: '1.99' }],
  ['user:U1', { '2024-12': '2 1.99' }],
])('%s of two orders that holds %j does not become negative', async (key, corruption) => {
  const order = newOrder({ cents: 200 });
  await kindsOf([order]);
  await redis.hset(key, corruption);
  const before = await redisContent(redis);
  expect(await kindsOf([{ ...order, version: 2, isCancelled: true, cents: 0 }])).toEqual(['corrupt']);
  expect(await redisContent(redis)).toEqual(before);
});

it('sums that no double can represent stay exact', async () => {
  await kindsOf(Array.from({ length: 30 }, () => newOrder({ cents: 10 })));
  expect(await redis.hget('user:U1', 'total_spend')).toBe('3.00');
  await redis.hset('user:U1', 'total_spend', '70000000000000.93');
  await kindsOf([newOrder({ cents: 7 })]);
  expect(await redis.hget('user:U1', 'total_spend')).toBe('70000000000001.00');
});
