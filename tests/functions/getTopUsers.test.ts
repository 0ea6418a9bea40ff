import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { oneLineBody, orderOf } from '../support/orderMessage.ts';
import { getEvent, readFunction } from '../support/readFunction.ts';

const { redis, ask } = await readFunction(() => import('../../functions/getTopUsers.ts'));
defineCountingScript(redis);

let placed = 0;

/** Counts an order of this value for each pair of user and value. */
async function count(orders: readonly (readonly [userId: string, value: string])[]): Promise<void> {
  const parsed = orders.map(([userId, value]) => ({
    ...orderOf(oneLineBody({ value, price: value })),
    orderId: `ORD${placed++}`,
    userId,
  }));
  expect((await countOrders(redis, parsed)).every(({ kind }) => kind === 'counted')).toBe(true);
}

async function topUsers(limit?: number): Promise<unknown[]> {
  const response = await ask(getEvent(null, limit === undefined ? {} : { limit: `${limit}` }));
  expect(response.statusCode).toBe(200);
  return JSON.parse(response.body).users;
}

it('the users who spent most, with their orders', async () => {
  await count([
    ['A', '1'],
    ['B', '100'],
    ['C', '20.05'],
    ['A', '30'],
  ]);
  expect(await topUsers()).toEqual([
    { rank: 1, user_id: 'B', total_spend: 100, total_spend_cents: 10000, order_count: 1 },
    { rank: 2, user_id: 'A', total_spend: 31, total_spend_cents: 3100, order_count: 2 },
    { rank: 3, user_id: 'C', total_spend: 20.05, total_spend_cents: 2005, order_count: 1 },
  ]);
});

it('no users when nothing was counted', async () => {
  expect(await topUsers()).toEqual([]);
});

it('10 users by default, up to 100 with a limit', async () => {
  await count(Array.from({ length: 120 }, (_, n) => [`U${n}`, `${n}`]));
  expect(await topUsers()).toHaveLength(10);
  expect(await topUsers(1)).toEqual([
    { rank: 1, user_id: 'U119', total_spend: 119, total_spend_cents: 11900, order_count: 1 },
  ]);
  expect(await topUsers(100)).toHaveLength(100);
});

it('users with equal totals are sorted by id, even across the limit', async () => {
  await count(['d', 'B', 'a', 'c', 'Z', '1'].map((user) => [user, '5']));
  await count([['most', '6']]);
  expect(await topUsers(5)).toMatchObject(
    ['most', '1', 'B', 'Z', 'a'].map((user_id, index) => ({ rank: index + 1, user_id })),
  );
});

it('sums of amounts that no double can represent compare as equal', async () => {
  await count([
    ['A', '0.3'],
    ['B', '0.1'],
    ['B', '0.2'],
    ['C', '0.1'],
    ['C', '0.1'],
    ['C', '0.1'],
  ]);
  expect(await topUsers(2)).toEqual([
    { rank: 1, user_id: 'A', total_spend: 0.3, total_spend_cents: 30, order_count: 1 },
    { rank: 2, user_id: 'B', total_spend: 0.3, total_spend_cents: 30, order_count: 2 },
  ]);
});

it('the answer equals a sort of all users', async () => {
  const order = fc.tuple(fc.constantFrom(...'abcdefgh'), fc.integer({ min: 0, max: 30 }));
  await fc.assert(
    fc.asyncProperty(fc.array(order, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (orders, limit) => {
      await redis.flushall();
      const totals = new Map<string, { cents: number; count: number }>();
      for (const [user, cents] of orders) {
        const total = totals.get(user) ?? { cents: 0, count: 0 };
        totals.set(user, { cents: total.cents + cents, count: total.count + 1 });
      }
      await count(orders.map(([user, cents]) => [user, (cents / 100).toFixed(2)]));
      const expected = [...totals]
        .sort(([a, x], [b, y]) => y.cents - x.cents || (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([user_id, { cents, count: order_count }], index) => {
          return { rank: index + 1, user_id, total_spend: cents / 100, total_spend_cents: cents, order_count };
        });
      expect(await topUsers(limit)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

it('totals are those of /users/{user_id}/stats; users unknown there are left out', async () => {
  await count([
    ['A', '10'],
    ['B', '9'],
  ]);
  await redis.zadd('global:top-users', 14, 'B', 100, 'C');
  expect(await topUsers()).toEqual([
    { rank: 1, user_id: 'A', total_spend: 10, total_spend_cents: 1000, order_count: 1 },
    { rank: 2, user_id: 'B', total_spend: 9, total_spend_cents: 900, order_count: 1 },
  ]);
});

it('a missing number of orders or amount is 0, as in /users/{user_id}/stats', async () => {
  await redis.hset('user:A', { order_count: 12 });
  await redis.hset('user:B', { total_spend: '7.50' });
  await redis.hset('user:C', { order_count: 10, total_spend: '9.00' });
  await redis.zadd('global:top-users', 1, 'A', 2, 'B', 3, 'C');
  expect(await topUsers()).toEqual([
    { rank: 1, user_id: 'C', total_spend: 9, total_spend_cents: 900, order_count: 10 },
    { rank: 2, user_id: 'B', total_spend: 7.5, total_spend_cents: 750, order_count: 0 },
    { rank: 3, user_id: 'A', total_spend: 0, total_spend_cents: 0, order_count: 12 },
  ]);
});

it('a corrupt leaderboard is a 500, not a 503 that suggests a retry', async () => {
  await redis.set('global:top-users', 'text');
  const output = captureOutput();
  const response = await ask(getEvent(null)).finally(output.restore);
  expect(response.statusCode).toBe(500);
  expect(JSON.parse(response.body)).toMatchObject({ type: 'urn:problem-type:orders:corrupt-key' });
});

it('one round trip for any number of users', async () => {
  await count(Array.from({ length: 100 }, (_, n) => [`U${n}`, '5']));
  await topUsers(100);
  const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const [before, idle] = [await reads(), await reads()];
  await topUsers(100);
  expect((await reads()) - idle).toBe(idle - before + 1);
});

it.each(['0', '101', '-1', '+5', '010', '1e3', '5.0', 'abc', '', ' 5', '５', '9'.repeat(10_000), '5\0'])(
  'GET /top-users answers 400 for a limit of %j',
  async (limit) => {
    const response = await ask(getEvent(null, { limit }));
    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({
      parameter: 'limit',
      detail: 'limit must be a whole number from 1 to 100',
    });
  },
);

it('400 for a limit that is given twice', async () => {
  const response = await ask(getEvent(null, { limit: ['5', '5'] }));
  expect(response.statusCode).toBe(400);
  expect(JSON.parse(response.body)).toMatchObject({ detail: 'limit must be given once' });
});
