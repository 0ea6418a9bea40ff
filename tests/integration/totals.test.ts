import { expect, it } from 'vitest';
import { countOrders } from '../../lib/stats/count.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { oneLineBody, orderOf } from '../support/orderMessage.ts';
import { redisContent } from '../support/redisContent.ts';

const redis = await countingRedis();

/** Counts an order of user U1 for each value. */
async function count(...values: string[]): Promise<void> {
  const orders = values.map((value, n) => ({ ...orderOf(oneLineBody({ value, price: value })), orderId: `ORD${n}` }));
  expect((await countOrders(redis, orders)).every(({ kind }) => kind === 'counted')).toBe(true);
}

it('sums of amounts that no double holds stay exact, on the leaderboard too', async () => {
  await count(...Array(30).fill('0.1'));
  expect(await redis.hget('user:U1', 'total_spend')).toBe('3.00');
  expect(Number(await redis.zscore('{global:stats}:top-users', 'U1'))).toBe(3);
});

it('totals stay exact up to the largest', async () => {
  await redis.hset('global:stats', { total_orders: 1, total_revenue: '89999999999899.94' });
  await count('99.99', '0.07');
  expect(await redis.hget('global:stats', 'total_revenue')).toBe('90000000000000.00');
});

it.each([
  ['global:stats', { total_orders: 1, total_revenue: '89999999999999.99' }],
  ['{global:stats}:month:2024-12', { total_orders: 1, total_revenue: '90000000000000.00' }],
  ['user:U1', { order_count: 1, total_spend: '89999999999999.99' }],
  ['{user:U1}:month:2024-12', { order_count: 1, total_spend: '89999999999999.99' }],
])('an order that would take %s above the largest total is refused before anything is written', async (key, total) => {
  await redis.hset(key, total);
  await expectRefused('1', key);
});

it.each(['inf', '-inf', '-1', '-0.01', '1e300', '90000000000000.02'])(
  'a score of %s on the leaderboard fails orders of that user alone, before anything is written',
  async (score) => {
    await redis.zadd('{global:stats}:top-users', score, 'U1');
    await expectRefused('1', '{global:stats}:top-users');
    const order = orderOf(oneLineBody({ value: '1', price: '1' }));
    const verdicts = await countOrders(redis, [order, { ...order, orderId: 'ORD2', userId: 'U2' }]);
    expect(verdicts.map(({ kind }) => kind)).toEqual(['failed', 'counted']);
    expect(await redis.zscore('{global:stats}:top-users', 'U2')).toBe('1');
  },
);

/** An order of this value changes nothing, and the reason names the key. */
async function expectRefused(value: string, key: string): Promise<void> {
  const before = await redisContent(redis);
  const [verdict] = await countOrders(redis, [orderOf(oneLineBody({ value, price: value }))]);
  expect(verdict).toEqual({ kind: 'failed', reason: expect.stringContaining(key) });
  expect(await redisContent(redis)).toEqual(before);
}

it.each([
  ['999999999999.98', '1000000000000.05'],
  ['999999999999.93', '1000000000000.00'],
  ['1000000000000.93', '1000000000001.00'],
])('a cent more or less is told at %s', async (amount, sum) => {
  await redis.hset('global:stats', { total_orders: 1, total_revenue: amount });
  await count('0.07');
  expect(await redis.hget('global:stats', 'total_revenue')).toBe(sum);
});

it.each(['7', '7.0', '7.00'])('a total that a person has set to %s is added to', async (amount) => {
  await redis.hset('user:U1', { order_count: 1, total_spend: amount });
  await count('0.05');
  expect(await redis.hgetall('user:U1')).toEqual({ order_count: '2', total_spend: '7.05' });
});

it.each([
  '7.005',
  '-7',
  '-7.00',
  '+7.00',
  ' 7.00',
  '7.5 ',
  '-0.50',
  '7.-5',
  '1.5.00',
  'seven',
  'se.en',
  '1e3',
  '1.e3',
  '1e3.00',
  '0x10.00',
  '0x10',
  '.50',
  '7.',
  '1e5',
  'inf',
  'nan',
  '90000000000000.01',
  '9007199254740000.95',
  '',
])('a total of %j is not touched, and fails the order alone', async (amount) => {
  await redis.hset('user:U1', { order_count: 1, total_spend: amount });
  const [verdict] = await countOrders(redis, [orderOf(oneLineBody({ value: '1', price: '1' }))]);
  expect(verdict).toEqual({ kind: 'failed', reason: 'user:U1: order_count or total_spend is damaged' });
  expect(await redis.hget('user:U1', 'total_spend')).toBe(amount);
  expect(await redis.exists('{user:U1}:month:2024-12')).toBe(0);
});
