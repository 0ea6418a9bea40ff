import { expect, it, onTestFinished } from 'vitest';
import { countingRedis } from '../../tests/support/countingRedis.ts';
import { connectTo } from '../../tests/support/deliver.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { countingReply, startScriptedRedis } from '../../tests/support/scriptedRedis.ts';
import { countOrders } from './count.ts';

const redis = await countingRedis();

const ordersOf = (size: number) => Array.from({ length: size }, (_, n) => orderOf(orderBody({ order_id: `ORD${n}` })));

/** How often Redis has run the script for a batch of orders. */
async function callsFor(size: number): Promise<number> {
  const orders = ordersOf(size);
  await redis.flushall();
  await countOrders(redis, orders.slice(0, 1), 'look');
  await redis.config('RESETSTAT');
  expect(await countOrders(redis, orders)).toEqual(orders.map(() => ({ kind: 'counted' })));
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

it.each([
  [0, 0],
  [1, 1],
  [25, 1],
  [26, 2],
  [100, 2],
  [101, 3],
  [180, 3],
  [181, 4],
  [260, 4],
  [261, 5],
])('%i orders are counted in %i calls: of 25, 75, and then 80 orders', async (size, calls) => {
  expect(await callsFor(size)).toBe(calls);
});

it('orders are unanswered where the answer is lost, or is on other orders; those of other calls are not', async () => {
  const answers = [countingReply('n'.repeat(25)), countingReply('n'), { close: true } as const];
  const server = await startScriptedRedis(() => answers.shift());
  onTestFinished(server.stop);
  const client = await connectTo({ url: `redis://127.0.0.1:${server.port}` }).open();
  const verdicts = await countOrders(client, ordersOf(120));
  expect(verdicts).toHaveLength(120);
  expect(new Set(verdicts.slice(0, 25).map(({ kind }) => kind))).toEqual(new Set(['counted']));
  const [short] = verdicts.slice(25, 100);
  expect(verdicts.slice(25, 100)).toEqual(Array(75).fill(short));
  expect(short).toMatchObject({ kind: 'unanswered', cause: { message: 'Redis answered for 1 of 75 orders' } });
  const [lost] = verdicts.slice(100);
  expect(verdicts.slice(100)).toEqual(Array(20).fill(lost));
  expect(lost).toMatchObject({ kind: 'unanswered', cause: { message: 'Connection is closed.' } });
});
