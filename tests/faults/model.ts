import * as v from 'valibot';
import { expect } from 'vitest';
import type { RedisClient } from '../../lib/redis/client.ts';
import { leaderboardOf, type StoredTotal, storedLeaderboard, storedTotals } from '../support/storedStats.ts';

/** A message of a trial and its result in the end: done, as its order counts or is superseded, or rejected. */
export type Settled = { readonly body: string; readonly fate: 'counted' | 'rejected' };

const Body = v.object({
  order_id: v.string(),
  user_id: v.string(),
  order_timestamp: v.string(),
  order_version: v.optional(v.number(), 1),
  order_status: v.optional(v.string(), 'placed'),
  order_value: v.optional(v.number(), 0),
});

type Version = v.InferOutput<typeof Body> & { readonly body: string };

/**
 * The version of each order that must count: the highest of all that got through.
 *
 * @throws an error when two contents of one version were both taken for counted
 */
function highestVersions(messages: readonly Settled[]): Version[] {
  const highest = new Map<string, Version>();
  for (const { body, fate } of messages) {
    if (fate === 'rejected') continue;
    const version = { ...v.parse(Body, JSON.parse(body)), body };
    const known = highest.get(version.order_id);
    if (known?.order_version === version.order_version && known.body !== body) {
      throw new Error(`Version ${version.order_version} of ${version.order_id} was counted with two contents`);
    }
    if (!known || version.order_version > known.order_version) highest.set(version.order_id, version);
  }
  return [...highest.values()];
}

/**
 * What Redis must hold, computed only from the messages: an order counts once, in its highest version, however many of
 * its messages got through.
 *
 * @returns totals by key, and by key and month or day, as {@link storedTotals} gives them
 */
function expectedTotals(messages: readonly Settled[]): Map<string, StoredTotal> {
  const totals = new Map<string, StoredTotal>();
  for (const { user_id, order_timestamp, order_status, order_value } of highestVersions(messages)) {
    if (order_status === 'cancelled') continue;
    const day = new Date(order_timestamp).toISOString().slice(0, 10);
    const month = day.slice(0, 7);
    const user = `user:${user_id}`;
    for (const key of ['global:stats', `global:stats ${month}`, `global:days ${day}`, user, `${user} ${month}`]) {
      const { orders, cents } = totals.get(key) ?? { orders: 0, cents: 0 };
      totals.set(key, { orders: orders + 1, cents: cents + Math.round(order_value * 100) });
    }
  }
  return totals;
}

/** Compares all that Redis holds with the model: every total, month, day, user and score. */
export async function expectExact(redis: RedisClient, settled: readonly Settled[], what?: string): Promise<void> {
  const expected = expectedTotals(settled);
  expect(await storedTotals(redis), what).toEqual(expected);
  expect(await storedLeaderboard(redis), what).toEqual(leaderboardOf(expected));
}
