import { expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { oneLineBody, orderOf } from '../support/orderMessage.ts';
import { redisContent } from '../support/storedContent.ts';

const redis = await countingRedis();

/** Counts an order of user U1 for each value. */
async function count(...values: string[]): Promise<void> {
  const orders = values.map((value, n) => ({ ...orderOf(oneLineBody({ value, price: value })), orderId: `ORD${n}` }));
  expect((await countOrders(redis, orders)).every(({ kind }) => kind === 'counted')).toBe(true);
}

it('sums that no double can represent stay exact, on the leaderboard too', async () => {
  await count(...Array(30).fill('0.1'));
  expect(await redis.hget('user:U1', 'total_spend')).toBe('3.00');
  expect(Number(await redis.zscore('global:top-users', 'U1'))).toBe(3);
});

it('totals stay exact up to the largest one', async () => {
  await redis.hset('global:stats', {
    total_orders: 1,
    total_revenue: '89999999999899.94',
    '2024-12': '1 89999999999899.94',
  });
  await count('99.99', '0.07');
  expect(await redis.hget('global:stats', 'total_revenue')).toBe('90000000000000.00');
});

it.each([
  ['global:stats', { total_orders: 1, total_revenue: '89999999999999.99' }],
  ['global:stats', { total_orders: 1, total_revenue: '1.00', '2024-12': '1 90000000000000.00' }],
  ['global:stats', { total_orders: '9000000000000000', total_revenue: '1.00' }],
  ['global:days', { '2024-12-13': '1 90000000000000.00' }],
  ['user:U1', { order_count: 1, total_spend: '89999999999999.99' }],
  ['user:U1', { order_count: 1, total_spend: '1.00', '2024-12': '1 89999999999999.99' }],
])(
  'an order that would take %s above the largest total is refused before anything is written: %j',
  async (key, total) => {
    await redis.hset(key, total);
    await expectRefused('1', key);
  },
);

it.each(['global:stats', 'global:days', 'global:top-users', 'global:top-users:floor'])(
  'a key of another type, %s, fails every order before anything is written, and all count once it is repaired',
  async (key) => {
    await redis.lpush(key, 'text');
    await expectRefused('1', key);
    await redis.del(key);
    await count('1');
  },
);

it('a user of another type fails only orders of that user', async () => {
  await redis.set('user:U1', 'text');
  await expectRefused('1', 'user:U1');
  await expectOthersCount();
});

it.each(['text', '-1', '1.5', ''])(
  'a floor of the leaderboard of %j fails orders before anything is written',
  async (floor) => {
    await redis.set('global:top-users:floor', floor);
    await expectRefused('1', 'global:top-users:floor');
  },
);

it.each(['inf', '-inf', '-1', '1e300'])(
  'a score of %s that a person has set is put right by the next order of that user',
  async (score) => {
    await redis.zadd('global:top-users', score, 'U1');
    await count('1');
    expect(await redis.zscore('global:top-users', 'U1')).toBe('1');
  },
);

/** Checks that an order of U2 counts when one of U1 in the same batch fails. */
async function expectOthersCount(): Promise<void> {
  const order = orderOf(oneLineBody({ value: '1', price: '1' }));
  const verdicts = await countOrders(redis, [order, { ...order, orderId: 'ORD2', userId: 'U2' }]);
  expect(verdicts.map(({ kind }) => kind)).toEqual(['corrupt', 'counted']);
  expect(await redis.zscore('global:top-users', 'U2')).toBe('1');
  expect(await redis.hget('global:stats', 'total_revenue')).toBe('1.00');
}

/** An order of this value changes nothing, and the reason names the key. */
async function expectRefused(value: string, key: string): Promise<void> {
  const before = await redisContent(redis);
  const [verdict] = await countOrders(redis, [orderOf(oneLineBody({ value, price: value }))]);
  expect(verdict).toEqual({ kind: 'corrupt', reason: expect.stringContaining(key) });
  expect(await redisContent(redis)).toEqual(before);
}

it.each([
  ['999999999999.98', '1000000000000.05'],
  ['999999999999.93', '1000000000000.00'],
  ['1000000000000.93', '1000000000001.00'],
])('a cent more or less makes a difference at %s', async (amount, sum) => {
  await redis.hset('global:stats', { total_orders: 1, total_revenue: amount });
  await count('0.07');
  expect(await redis.hget('global:stats', 'total_revenue')).toBe(sum);
});

const CORRUPT_AMOUNTS = [
  '7',
  '7.0',
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
];

it.each(CORRUPT_AMOUNTS)('a total of %j is not touched, and fails only the orders of its user', async (amount) => {
  await redis.hset('user:U1', { order_count: 1, total_spend: amount });
  await expectRefused('1', 'user:U1: order_count or total_spend is corrupt');
  await expectOthersCount();
});

it.each(CORRUPT_AMOUNTS)('a month of %j is not touched, and fails only the orders of its user', async (amount) => {
  await redis.hset('user:U1', { order_count: 1, total_spend: '1.00', '2024-12': `1 ${amount}` });
  await expectRefused('1', 'user:U1: 2024-12 is corrupt');
  await expectOthersCount();
});

it.each(['', '-1', '1.5', '+1', ' 1', '1e3', 'inf', 'nan', '0x1', 'one'])(
  'a number of orders of %j is not touched, and fails only the orders of its user',
  async (orders) => {
    await redis.hset('user:U1', { order_count: orders, total_spend: '1.00' });
    await expectRefused('1', 'user:U1: order_count or total_spend is corrupt');
    await redis.hset('user:U1', { order_count: 1, '2024-12': `${orders} 1.00` });
    await expectRefused('1', 'user:U1: 2024-12 is corrupt');
    await expectOthersCount();
  },
);
