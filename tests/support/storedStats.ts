import type { Redis } from 'ioredis';
import { primariesOf, type RedisClient } from '../../lib/redis/client.ts';

/*
 * What a Redis, or a cluster, holds for an operator who looks with redis-cli: written down here once more, and not
 * taken from lib/stats, so that tests find an error there.
 */

/** A number of orders, and what they add up to in cents. */
export type StoredTotal = { readonly orders: number; readonly cents: number };

/** What stands in front of the keys of a shard of a cluster. */
const SHARD = /^\{\d+\}:/;

const amountOf = (text: string | undefined): number =>
  /^\d+\.\d\d$/.test(text ?? '') ? Number(text?.replace('.', '')) : Number.NaN;

/** The totals of a hash by key, and by key and month or day: `user:U1`, `user:U1 2024-12`. */
function totalsOf(key: string, hash: Readonly<Record<string, string>>): Map<string, StoredTotal> {
  const { total_orders, total_revenue, order_count, total_spend, ...parts } = hash;
  const totals = new Map<string, StoredTotal>();
  if (key !== 'global:days') {
    totals.set(key, { orders: Number(total_orders ?? order_count), cents: amountOf(total_revenue ?? total_spend) });
  }
  for (const [part, value] of Object.entries(parts)) {
    const [orders, amount] = value.split(' ');
    totals.set(`${key} ${part}`, { orders: Number(orders), cents: amountOf(amount) });
  }
  return totals;
}

async function keysOf(redis: RedisClient): Promise<string[]> {
  return (await Promise.all(primariesOf(redis).map((node) => node.keys('*')))).flat();
}

/** Every total of all users, months and days: sums over the shards. An amount that is no decimal is NaN. */
export async function storedTotals(redis: RedisClient): Promise<Map<string, StoredTotal>> {
  const sums = new Map<string, StoredTotal>();
  for (const key of await keysOf(redis)) {
    const name = key.replace(SHARD, '');
    if (/^global:(ledger|messages|top-users)/.test(name)) continue;
    for (const [total, { orders, cents }] of totalsOf(name, await redis.hgetall(key))) {
      const sum = sums.get(total) ?? { orders: 0, cents: 0 };
      sums.set(total, { orders: sum.orders + orders, cents: sum.cents + cents });
    }
  }
  return sums;
}

/** The leaderboard of all shards: cents by user. It holds everybody where there are at most 1,000 in each shard. */
export async function storedLeaderboard(redis: RedisClient): Promise<Map<string, number>> {
  const scores = new Map<string, number>();
  for (const key of await keysOf(redis)) {
    if (key.replace(SHARD, '') !== 'global:top-users') continue;
    const flat = await redis.zrange(key, 0, '-1', 'WITHSCORES');
    for (let n = 0; n < flat.length; n += 2) scores.set(flat[n] ?? '', Math.round(Number(flat[n + 1]) * 100));
  }
  return scores;
}

/** The leaderboard that belongs to totals: cents by user. */
export function leaderboardOf(totals: ReadonlyMap<string, StoredTotal>): Map<string, number> {
  const users = [...totals].filter(([key]) => key.startsWith('user:') && !key.includes(' '));
  return new Map(users.map(([key, { cents }]) => [key.slice('user:'.length), cents]));
}

/** How many orders the ledger remembers, as its state says. */
export async function rememberedOrders(redis: Redis): Promise<number> {
  const state = await redis.hget('global:ledger:orders', 'state');
  return Number(state?.split(' ')[0] ?? 0);
}
