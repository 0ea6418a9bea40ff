import type { Redis } from 'ioredis';
import * as v from 'valibot';
import { expect } from 'vitest';
import type { RedisClient } from '../../lib/redis/client.ts';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { age, ledgerId, readLedger } from './ledgerContent.ts';
import { KEPT_PERIODS, PERIOD, type ShardModel } from './model.ts';
import { firstHourAt, hourOf, type ModelOrder, Totals } from './modelTotals.ts';
import { differences, nodesOf, prefixOf, visibleContent } from './storedContent.ts';

/** So many differences say enough. */
const SHOWN = 5;

/** Compares all totals and the leaderboard of one Redis with the model. */
export async function expectTotals(redis: Redis, model: Totals, what?: string): Promise<void> {
  const found = differences(await visibleContent(nodesOf(redis)), new Map([['', model]]));
  expect(found.slice(0, SHOWN), what).toEqual([]);
}

/**
 * Compares what the ledger remembers with the model.
 *
 * @param uncounted records that `state` has beyond those in the ledger, where a test began with such a state
 */
export async function expectLedger(
  redis: Redis,
  model: ShardModel,
  now: number,
  { uncounted = 0, what = '' } = {},
): Promise<void> {
  const { state, records } = await readLedger(redis);
  const current = Math.floor(now / PERIOD);
  const remembered = [...records].filter(([, { stamp }]) => age(current, stamp) < KEPT_PERIODS);
  const expected = [...model.remembered(now).values()].map(({ order, period }) => {
    const { orderId, version, isCancelled, cents, hour } = order;
    const stamp = period % 256;
    return [ledgerId(orderId), isCancelled ? { version, stamp } : { version, cents, hour, stamp }] as const;
  });
  expect(new Map(remembered), what).toEqual(new Map(expected));
  expect(state.records, what).toBe(records.size + uncounted);
}

/** A message and its result in the end: done, as its order counts or is superseded, or rejected. */
export type Settled = { readonly body: string; readonly fate: 'counted' | 'rejected' };

/**
 * Compares all totals and leaderboards of a Redis or a cluster with the messages: an order counts once, in its highest
 * version, however many of its messages got through. In each shard they must be those of the users that it holds.
 */
export async function expectExact(redis: RedisClient, settled: readonly Settled[], what?: string): Promise<void> {
  const content = await visibleContent(nodesOf(redis));
  const prefixes = new Map([...content.keys()].map((key) => [key.slice(prefixOf(key).length), prefixOf(key)]));
  const shards = new Map<string, Totals>();
  for (const order of highestVersions(settled)) {
    const prefix = prefixes.get(`user:${order.userId}`) ?? '';
    const totals = shards.get(prefix) ?? new Totals();
    totals.hoursSince = firstHourAt(Date.now() / 1000);
    shards.set(prefix, totals);
    totals.add(order, 1);
  }
  expect(differences(content, shards).slice(0, SHOWN), what).toEqual([]);
}

/** The same with a new client, which knows the current nodes of a cluster. */
export async function expectExactAt({ url }: { readonly url: string }, settled: readonly Settled[]): Promise<void> {
  const connection = new RedisConnection(url, { connectMs: 5000, commandMs: 5000 });
  const redis = await connection.open();
  await expectExact(redis, settled);
  connection.drop(redis);
}

/**
 * The version of each order that must count: the highest of all that got through.
 *
 * @throws an error when two contents of one version were both taken for counted
 */
function highestVersions(messages: readonly Settled[]): Iterable<ModelOrder> {
  const highest = new Map<string, ModelOrder>();
  for (const { body, fate } of messages) {
    if (fate === 'rejected') continue;
    const order = orderOfBody(body);
    const known = highest.get(order.orderId);
    if (known?.version === order.version && known.content !== order.content) {
      throw new Error(`Version ${order.version} of ${order.orderId} was counted with two contents`);
    }
    if (!known || order.version > known.version) highest.set(order.orderId, order);
  }
  return highest.values();
}

const Body = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_version: v.optional(v.number(), 1),
  order_status: v.optional(v.string(), 'placed'),
  order_value: v.optional(v.number(), 0),
});

function orderOfBody(body: string): ModelOrder {
  const { order_id, user_id, order_timestamp, order_version, order_status, order_value } = v.parse(
    Body,
    JSON.parse(body),
  );
  const placed = new Date(order_timestamp);
  return {
    orderId: order_id,
    userId: user_id,
    version: order_version,
    isCancelled: order_status === 'cancelled',
    cents: Math.round(order_value * 100),
    hour: hourOf(placed.getTime() / 1000),
    placed: Math.floor(placed.getTime() / 1000),
    content: body,
  };
}
