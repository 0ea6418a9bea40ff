import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resultOf } from '../../lib/batch/outcome.ts';
import { processBatch } from '../../lib/batch/processBatch.ts';
import { defineCountingScript } from '../../lib/counting/count.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { deliverHistory, histories, WORKERS } from '../support/histories.ts';
import { orderBody } from '../support/orderMessage.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { redisContent } from '../support/storedContent.ts';

const redis = await countingRedis();
const LIMITS = { connectMs: 10_000, commandMs: 10_000 };
const connections = Array.from(
  { length: WORKERS },
  () => new RedisConnection(`redis://127.0.0.1:${redis.options.port}`, LIMITS, defineCountingScript),
);

beforeAll(async () => {
  for (const connection of connections) await connection.open();
});
afterAll(async () => {
  for (const connection of connections) connection.drop(await connection.open());
});

/** All that is counted: every key but the ledger and the checkpoint. */
async function counted(): Promise<Record<string, unknown>> {
  const { 'global:ledger:orders': _ledger, 'global:checkpoint': _checkpoint, ...content } = await redisContent(redis);
  return content;
}

/** The results of messages that are delivered as one batch. */
async function deliver(...bodies: string[]): Promise<string[]> {
  const [connection] = connections;
  if (!connection) throw new Error('There is no worker');
  const { processed } = await processBatch(messagesOf(bodies), connection);
  return processed.map(({ outcome }) => resultOf(outcome));
}

it('random deliveries of versions to several workers count like the highest versions alone', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      await redis.flushall();
      expect(await deliverHistory(connections, history)).toEqual([]);
      const actual = await counted();
      await redis.flushall();
      await deliver(...history.highest);
      expect(actual).toEqual(await counted());
    }),
    { numRuns: 300 },
  );
});

const placed = new Date().toISOString();
const [hour, day, month] = [placed.slice(0, 13), placed.slice(0, 10), placed.slice(0, 7)];
const refund = (order_version: number, value: number) =>
  orderBody({
    order_version,
    order_timestamp: placed,
    order_value: value,
    items: [{ product_id: 'P001', quantity: 1, price_per_unit: value }],
  });
const ORDER = refund(1, 100);
const PARTIAL = refund(2, 60);
const FULL = orderBody({
  order_version: 3,
  order_timestamp: placed,
  order_status: 'cancelled',
  order_value: undefined,
  items: undefined,
});

/** What is counted after a message was the highest version. */
const contentAfter = (body: string) => {
  if (body === FULL) return {};
  const amount = body === ORDER ? '100.00' : '60.00';
  const hash = (value: object) => ({ value, expires: -1 });
  return {
    'global:stats': hash({ total_orders: '1', total_revenue: amount, [month]: `1 ${amount}` }),
    'global:days': hash({ [day]: `1 ${amount}` }),
    'global:hours': hash({ [hour]: `1 ${amount}` }),
    'user:U5678': hash({ order_count: '1', total_spend: amount, [month]: `1 ${amount}` }),
    'global:top-users': hash(['U5678', `${Number(amount)}`]),
  };
};

/** All orders of a list, each once. */
function permutations(list: readonly string[]): string[][] {
  if (list.length < 2) return [[...list]];
  return [...new Set(list)].flatMap((first) => {
    const rest = list.toSpliced(list.indexOf(first), 1);
    return permutations(rest).map((others) => [first, ...others]);
  });
}

it('refunds and duplicates in every order: the highest version so far counts at every step', async () => {
  const orders = permutations([ORDER, PARTIAL, FULL, PARTIAL, FULL]);
  expect(orders).toHaveLength(30);
  for (const messages of orders) {
    await redis.flushall();
    let highest = '';
    for (const message of messages) {
      await deliver(message);
      if ([ORDER, PARTIAL, FULL].indexOf(message) > [ORDER, PARTIAL, FULL].indexOf(highest)) highest = message;
      expect(await counted()).toEqual(contentAfter(highest));
    }
    await redis.flushall();
    await deliver(...messages);
    expect(await counted()).toEqual({});
  }
});

it('each message gets its outcome: counted, revised, cancelled, superseded, duplicate', async () => {
  expect(await deliver(ORDER, PARTIAL, FULL, PARTIAL, FULL, ORDER)).toEqual([
    'counted',
    'revised',
    'cancelled',
    'superseded',
    'duplicate',
    'superseded',
  ]);
});

it('other content in the counted version is a conflict, and so is another user in any version', async () => {
  await deliver(ORDER, PARTIAL);
  const before = await redisContent(redis);
  expect(await deliver(refund(2, 61))).toEqual(['conflict']);
  for (const order_version of [1, 2, 3]) {
    const other = { user_id: 'OTHER', order_version, order_timestamp: placed };
    expect(await deliver(orderBody(other))).toEqual(['conflict']);
    expect(await deliver(orderBody({ ...other, order_status: 'cancelled' }))).toEqual(['conflict']);
  }
  expect(await deliver(orderBody({ order_version: 2, order_timestamp: placed, order_status: 'cancelled' }))).toEqual([
    'conflict',
  ]);
  expect(await redisContent(redis)).toEqual(before);
});

it('after a cancellation a late first version does not count, but a higher version does', async () => {
  expect(await deliver(FULL, ORDER)).toEqual(['cancelled', 'superseded']);
  expect(await counted()).toEqual({});
  expect(await deliver(refund(4, 60))).toEqual(['revised']);
  expect(await counted()).toEqual(contentAfter(PARTIAL));
});

it('a higher version can move an order to another month; an empty month disappears', async () => {
  const inMonth = (order_version: number, month: string) =>
    orderBody({ order_version, order_timestamp: `${month}-13T10:00:00Z` });
  await deliver(inMonth(1, '2024-12'), orderBody({ order_id: 'OTHER', order_timestamp: '2023-01-05T00:00:00Z' }));
  expect(await deliver(inMonth(2, '2025-02'))).toEqual(['revised']);
  expect(await redis.hgetall('user:U5678')).toEqual({
    order_count: '2',
    total_spend: '199.98',
    '2023-01': '1 99.99',
    '2025-02': '1 99.99',
  });
  expect(await redis.hgetall('global:days')).toEqual({ '2023-01-05': '1 99.99', '2025-02-13': '1 99.99' });
});

it('a revision counts as long as the order is remembered, however old it is', async () => {
  const old = (order_version: number, order_status = 'placed') => orderBody({ order_version, order_status });
  expect(await deliver(old(2))).toEqual(['unknown']);
  expect(await counted()).toEqual({});
  expect(await deliver(old(1), old(2), old(3, 'cancelled'))).toEqual(['counted', 'revised', 'cancelled']);
  expect(await counted()).toEqual({});
});
