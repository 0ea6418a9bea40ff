import { expect, it } from 'vitest';
import { countingRedis } from '../../tests/support/countingRedis.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { redisContent } from '../../tests/support/redisContent.ts';
import type { Order } from '../orders/order.ts';
import { countOrders } from './count.ts';
import { ledgerEntry } from './fingerprint.ts';
import { globalLedger } from './keys.ts';
import { lookUp } from './lookup.ts';

const redis = await countingRedis();

const order = (changes: Readonly<Record<string, unknown>> = {}): Order => orderOf(orderBody(changes));
const later = { order_timestamp: '2025-01-01T00:00:00Z' };

it('tells orders that were counted, that conflict and that are new, and changes nothing', async () => {
  await countOrders(redis, [order({ order_id: 'A' }), order({ order_id: 'B' })]);
  const before = await redisContent(redis);
  const asked = [order({ order_id: 'B', ...later }), order({ order_id: 'C' }), order({ order_id: 'A' })];
  expect(await lookUp(redis, asked)).toEqual(['conflict', 'unknown', 'counted']);
  expect(await redisContent(redis)).toEqual(before);
});

it('tells a conflict between users from one of the same user', async () => {
  await countOrders(redis, [order({ user_id: 'U1' })]);
  const asked = [order({ user_id: 'U1', ...later }), order({ user_id: 'U2' })];
  expect(await lookUp(redis, asked)).toEqual(['conflict', 'conflict-of-users']);
});

it.each(globalLedger)('%s that is no ledger is damaged', async (key) => {
  await redis.set(key, 'text');
  expect(await lookUp(redis, [order()])).toEqual(['damaged']);
});

it('a bucket that is damaged says nothing, and the answers for other orders stand', async () => {
  await countOrders(redis, [order({ order_id: 'A' }), order({ order_id: 'B' })]);
  const { bucket } = ledgerEntry(order({ order_id: 'B' }));
  for (const key of globalLedger) if (await redis.hexists(key, bucket)) await redis.hset(key, bucket, 'text');
  expect(await lookUp(redis, [order({ order_id: 'B' }), order({ order_id: 'A' })])).toEqual(['damaged', 'counted']);
});

it('a connection that is lost is an error, not an answer', async () => {
  const lost = redis.duplicate({ lazyConnect: true, enableOfflineQueue: false });
  await lost.connect();
  lost.disconnect();
  await expect(lookUp(lost, [order()])).rejects.toThrow();
});

it('asks nothing for no orders', async () => {
  expect(await lookUp(redis, [])).toEqual([]);
});
