import { expect, it } from 'vitest';
import { countingRedis } from '../../tests/support/countingRedis.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { redisContent } from '../../tests/support/redisContent.ts';
import type { Order } from '../orders/order.ts';
import { countOrders } from './count.ts';
import { ledgerEntry } from './fingerprint.ts';
import { globalLedger, userLedger } from './keys.ts';
import { lookUp, wasCountedForUser } from './lookup.ts';

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

it('tells whether an order of that id was counted for the same user', async () => {
  await countOrders(redis, [order({ user_id: 'U1' })]);
  const asked = [order({ user_id: 'U1', ...later }), order({ user_id: 'U2' })];
  expect(await wasCountedForUser(redis, asked)).toEqual([true, false]);
});

it('a bucket that is no ledger is damaged, and the answers for other orders stand', async () => {
  await countOrders(redis, [order({ order_id: 'A' })]);
  const broken = order({ order_id: 'B', user_id: 'U2' });
  await redis.set(globalLedger(ledgerEntry(broken).bucketHash), 'text');
  await redis.set(userLedger('U2'), 'text');
  expect(await lookUp(redis, [broken, order({ order_id: 'A' })])).toEqual(['damaged', 'counted']);
  expect(await wasCountedForUser(redis, [broken])).toEqual([undefined]);
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
