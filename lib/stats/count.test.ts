import { expect, it } from 'vitest';
import { countingRedis } from '../../tests/support/countingRedis.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { countOrders } from './count.ts';

const redis = await countingRedis();

/** How often Redis has run the script for a batch of orders. */
async function callsFor(size: number): Promise<number> {
  const orders = Array.from({ length: size }, (_, n) => orderOf(orderBody({ order_id: `ORD${n}` })));
  await redis.flushall();
  await countOrders(redis, orders.slice(0, 1), 'look');
  await redis.config('RESETSTAT');
  expect(await countOrders(redis, orders)).toEqual(orders.map(() => ({ kind: 'counted' })));
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

it.each([
  [0, 0],
  [1, 1],
  [20, 1],
  [21, 2],
  [60, 2],
  [61, 3],
  [140, 3],
  [141, 4],
  [220, 4],
  [221, 5],
])('%i orders are counted in %i calls: of 20, 40, and then 80 orders', async (size, calls) => {
  expect(await callsFor(size)).toBe(calls);
});
