import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { checkpointKey, shardsOf } from '../../lib/stats/keys.ts';
import { connectTo, deliver, settle } from '../support/deliver.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type Ask, getEvent, type ImportFunction, loadReadFunction } from '../support/readFunction.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';

/*
 * 150 users, in slots of all nodes. User n has spent n, half of it in each of two months.
 */

const USERS = 150;

let cluster: RedisCluster;

const load = (importFunction: ImportFunction): Promise<Ask> =>
  loadReadFunction(importFunction, { REDIS_URL: cluster.url });

async function bodyOf(ask: Ask, event: unknown): Promise<unknown> {
  const response = await ask(event);
  expect(response.statusCode).toBe(200);
  return JSON.parse(response.body);
}

const orderOf = (n: number, month: string): string =>
  orderBody({
    order_id: `ORD${n}-${month}`,
    user_id: `U${n}`,
    order_timestamp: `${month}-13T10:00:00Z`,
    order_value: n / 2,
    items: [{ product_id: 'P001', quantity: n, price_per_unit: 0.5 }],
  });

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0 });
  const users = Array.from({ length: USERS }, (_, n) => n + 1);
  const connection = connectTo(cluster);
  await settle(
    connection,
    users.flatMap((n) => [orderOf(n, '2024-01'), orderOf(n, '2024-03')]),
  );
  connection.drop(await connection.open());
});
afterAll(() => cluster.stop());

it('GET /stats/global reads the totals, a range of months and one of days', async () => {
  const ask = await load(() => import('../../functions/getGlobalStats.ts'));
  expect(await bodyOf(ask, getEvent(null))).toEqual({ total_orders: 2 * USERS, total_revenue: 11_325 });
  const all = { orders: USERS, revenue_cents: 566_250, revenue: 5662.5 };
  const none = { orders: 0, revenue_cents: 0, revenue: 0 };
  const totals = { currency: 'USD', total_orders: USERS, total_revenue: 5662.5, total_revenue_cents: 566_250 };
  expect(await bodyOf(ask, getEvent(null, { from: '2024-02', to: '2024-04' }))).toEqual({
    from: '2024-02',
    to: '2024-04',
    granularity: 'month',
    ...totals,
    series: [
      { period: '2024-02', ...none },
      { period: '2024-03', ...all },
      { period: '2024-04', ...none },
    ],
  });
  expect(await bodyOf(ask, getEvent(null, { from: '2024-01-12', to: '2024-01-14' }))).toEqual({
    from: '2024-01-12',
    to: '2024-01-14',
    granularity: 'day',
    ...totals,
    series: [
      { period: '2024-01-12', ...none },
      { period: '2024-01-13', ...all },
      { period: '2024-01-14', ...none },
    ],
  });
});

it('GET /users/{user_id}/stats reads users of any node', async () => {
  const ask = await load(() => import('../../functions/getUserStats.ts'));
  for (let n = 1; n <= USERS; n++) {
    const user = { user_id: `U${n}` };
    expect(await bodyOf(ask, getEvent(user))).toEqual({ ...user, order_count: 2, total_spend: n });
    expect(await bodyOf(ask, getEvent(user, { to: '2024-12' }))).toMatchObject({ order_count: 2, total_spend: n });
  }
  expect((await ask(getEvent({ user_id: 'U0' }))).statusCode).toBe(404);
});

it('GET /top-users reads the users of all nodes', async () => {
  const ask = await load(() => import('../../functions/getTopUsers.ts'));
  const users = Array.from({ length: 100 }, (_, index) => ({
    rank: index + 1,
    user_id: `U${USERS - index}`,
    total_spend: USERS - index,
    total_spend_cents: 100 * (USERS - index),
    order_count: 2,
  }));
  expect(await bodyOf(ask, getEvent(null, { limit: '100' }))).toEqual({ users });
});

it('GET /pipeline adds up the deliveries of all shards', async () => {
  const connection = connectTo(cluster);
  await deliver(connection, ['no JSON', orderOf(1, '2024-01'), orderOf(2, '2024-01')]);
  await (await connection.open()).hset('{18}:global:messages', 'last_counted', 1);
  connection.drop(await connection.open());
  const shares = cluster.primaries.map(({ redis }) => redis.keys('{*}:global:messages'));
  expect((await Promise.all(shares)).flat()).toHaveLength(12);

  const ask = await load(() => import('../../functions/getPipeline.ts'));
  expect(await bodyOf(ask, getEvent(null))).toMatchObject({
    messages: { counted: 2 * USERS, revised: 0, conflicts: 0, invalid: 1 },
    queue: null,
    // Of the shard that counted last.
    last_count: { age_seconds: expect.toSatisfy((age: number) => age < 3600) },
  });
});

it('GET /pipeline shows the oldest checkpoint, or null while a shard has none', async () => {
  const redis = await connectTo(cluster).open();
  const [last = '', ...shards] = shardsOf(redis);
  const ask = await load(() => import('../../functions/getPipeline.ts'));
  for (const [index, shard] of shards.entries())
    await redis.hset(checkpointKey(shard), 'until', 1_800_000_000_000 + index);
  expect(await bodyOf(ask, getEvent(null))).toMatchObject({ replayed_until: null });
  await redis.hset(checkpointKey(last), 'until', 1_900_000_000_000);
  expect(await bodyOf(ask, getEvent(null))).toMatchObject({ replayed_until: '2027-01-15T08:00:00.000Z' });
  redis.disconnect();
});

it('GET /health answers 200, and 503 while a slot belongs to no node', async () => {
  const ask = await load(() => import('../../functions/getHealth.ts'));
  expect((await ask(getEvent(null))).statusCode).toBe(200);
  for (const { redis } of cluster.primaries) await redis.call('CLUSTER', 'DELSLOTS', 0);
  expect((await ask(getEvent(null))).statusCode).toBe(503);
  await cluster.primaries[0]?.redis.call('CLUSTER', 'ADDSLOTS', 0);
  await vi.waitFor(async () => expect((await ask(getEvent(null))).statusCode).toBe(200), { timeout: 30_000 });
});
