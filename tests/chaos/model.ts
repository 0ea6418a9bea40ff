import * as v from 'valibot';
import { expect } from 'vitest';
import { primariesOf, type RedisClient } from '../../lib/redisClient.ts';

/** A message of a trial and what became of it in the end. */
export type Settled = { readonly body: string; readonly fate: 'counted' | 'rejected' };

type Total = { orders: number; cents: number };

const Body = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_value: v.number(),
});

/**
 * What Redis must hold, computed from the messages alone: an order counts once, however many of its messages got
 * through.
 *
 * @returns totals by the key of their hash
 * @throws an error when two contents of one order_id were both taken for counted
 */
function expectedTotals(messages: readonly Settled[]): Map<string, Total> {
  const counted = new Map<string, string>();
  for (const { body, fate } of messages) {
    if (fate === 'rejected') continue;
    const { order_id } = v.parse(Body, JSON.parse(body));
    if ((counted.get(order_id) ?? body) !== body) throw new Error(`${order_id} was counted with two contents`);
    counted.set(order_id, body);
  }
  const totals = new Map<string, Total>();
  for (const body of counted.values()) {
    const { user_id, order_timestamp, order_value } = v.parse(Body, JSON.parse(body));
    const month = new Date(order_timestamp).toISOString().slice(0, 7);
    const keys = [
      'global:stats',
      `{global:stats}:month:${month}`,
      `user:${user_id}`,
      `{user:${user_id}}:month:${month}`,
    ];
    for (const key of keys) {
      const total = totals.get(key) ?? { orders: 0, cents: 0 };
      totals.set(key, { orders: total.orders + 1, cents: total.cents + Math.round(order_value * 100) });
    }
  }
  return totals;
}

/** The totals that Redis holds, by key. */
async function actualTotals(redis: RedisClient): Promise<Map<string, Total>> {
  const totals = new Map<string, Total>();
  for (const key of (await Promise.all(primariesOf(redis).map((node) => node.keys('*')))).flat()) {
    if (key.includes(':ledger') || key.endsWith(':top-users')) continue;
    const { total_orders, order_count, total_revenue, total_spend } = await redis.hgetall(key);
    const cents = Math.round(Number(total_revenue ?? total_spend) * 100);
    totals.set(key, { orders: Number(total_orders ?? order_count), cents });
  }
  return totals;
}

/** The leaderboard that Redis holds: cents by user. */
async function actualLeaderboard(redis: RedisClient): Promise<Map<string, number>> {
  const flat = await redis.zrange('{global:stats}:top-users', 0, '-1', 'WITHSCORES');
  const scores = new Map<string, number>();
  for (let n = 0; n < flat.length; n += 2) scores.set(flat[n] ?? '', Math.round(Number(flat[n + 1]) * 100));
  return scores;
}

/** The leaderboard that belongs to totals: cents by user. */
function leaderboardOf(totals: ReadonlyMap<string, Total>): Map<string, number> {
  const users = [...totals].filter(([key]) => key.startsWith('user:'));
  return new Map(users.map(([key, { cents }]) => [key.slice('user:'.length), cents]));
}

/** Compares all that Redis holds with the model: every total, month, user and score. */
export async function expectExact(redis: RedisClient, settled: readonly Settled[], what?: string): Promise<void> {
  const expected = expectedTotals(settled);
  expect(await actualTotals(redis), what).toEqual(expected);
  expect(await actualLeaderboard(redis), what).toEqual(leaderboardOf(expected));
}
