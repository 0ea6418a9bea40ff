import * as v from 'valibot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shardsOf } from '../../lib/stats/keys.ts';
import { connectTo, deliver } from '../support/deliver.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type Ask, getEvent, loadReadFunction } from '../support/readFunction.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';

const Series = v.array(v.object({ orders: v.number(), revenue_cents: v.number() }));
const Overview = v.object({
  total_orders: v.number(),
  total_revenue_cents: v.number(),
  hours: Series,
  days: Series,
  top_users: v.array(v.object({ user_id: v.string(), total_spend_cents: v.number() })),
  pipeline: v.object({ messages: v.object({ counted: v.number() }), rate: v.number() }),
});

let cluster: RedisCluster;
let ask: Ask;

async function overview() {
  const { statusCode, body } = await ask(getEvent(null));
  expect(statusCode).toBe(200);
  return v.parse(Overview, JSON.parse(body));
}

const sumOf = (series: v.InferOutput<typeof Series>) => ({
  orders: series.reduce((sum, { orders }) => sum + orders, 0),
  cents: series.reduce((sum, { revenue_cents }) => sum + revenue_cents, 0),
});

/** An order of now, of user n, who spends n. */
const orderOf = (batch: number, n: number): string =>
  orderBody({
    order_id: `ORD${batch}-${n}`,
    user_id: `U${n}`,
    order_timestamp: new Date().toISOString(),
    order_value: n,
    items: [{ product_id: 'P001', quantity: n, price_per_unit: 1 }],
  });

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0 });
  ask = await loadReadFunction(() => import('../../functions/getOverview.ts'), { REDIS_URL: cluster.url });
});
afterAll(() => cluster.stop());

it('under traffic, hours, days, totals and counters of an answer agree: each shard is read at one moment', async () => {
  const connection = connectTo(cluster);
  const users = Array.from({ length: 40 }, (_, n) => n + 1);
  let isOver = false;
  const counting = (async () => {
    for (let batch = 0; batch < 60; batch++) {
      await deliver(
        connection,
        users.map((n) => orderOf(batch, n)),
      );
    }
    isOver = true;
  })();
  const totals = new Set<number>();
  while (!isOver) {
    const { total_orders, total_revenue_cents, hours, days, pipeline } = await overview();
    const total = { orders: total_orders, cents: total_revenue_cents };
    expect(sumOf(hours)).toEqual(total);
    expect(sumOf(days)).toEqual(total);
    expect(pipeline.messages.counted).toBe(total_orders);
    totals.add(total_orders);
  }
  await counting;
  expect(totals.size).toBeGreaterThan(5);
  const { total_orders, top_users, pipeline } = await overview();
  expect(total_orders).toBe(60 * 40);
  expect(top_users).toEqual(
    Array.from({ length: 10 }, (_, index) => ({ user_id: `U${40 - index}`, total_spend_cents: 6000 * (40 - index) })),
  );
  expect(pipeline.rate).toBeGreaterThan(0);
  connection.drop(await connection.open());
});

it('what changes in one shard is there at once', async () => {
  const redis = await connectTo(cluster).open();
  const before = (await overview()).total_orders;
  const last = shardsOf(redis).at(-1) ?? '';
  const orders = Number(await redis.hget(`${last}global:stats`, 'total_orders'));
  await redis.hset(`${last}global:stats`, 'total_orders', orders + 5);
  expect((await overview()).total_orders).toBe(before + 5);
  redis.disconnect();
});
