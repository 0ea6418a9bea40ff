import type { RedisClient } from '../lib/redisClient.ts';
import { globalStats, topUsers, USER_FIELDS, userStats } from '../lib/stats/keys.ts';

/** What orders come to. */
export type Sum = { readonly orders: number; readonly cents: number };

/** A sum of some ten thousand doubles is off by less than this share. */
const FLOAT_NOISE = 1e-9;

/**
 * Compares the totals of all orders together, and the leaderboard, with what was sent to Redis.
 *
 * @throws an error where they differ
 */
export async function verifyTotals(redis: RedisClient, { orders, cents }: Sum, name: string, isExact: boolean) {
  const [count, revenue] = await redis.hmget(globalStats, 'total_orders', 'total_revenue');
  const scores = await redis.zrange(topUsers, 0, '-1', 'WITHSCORES');
  const leaderboard = scores.reduce((sum, score, index) => (index % 2 ? sum + Number(score) : sum), 0);
  const expected = cents / 100;
  const isClose = (sum: number): boolean => Math.abs(sum - expected) <= expected * FLOAT_NOISE;
  const isRevenue = isExact ? revenue === expected.toFixed(2) : isClose(Number(revenue));
  if (count === `${orders}` && isRevenue && isClose(leaderboard)) return;
  throw new Error(`${name}: ${count} orders, ${revenue}, leaderboard ${leaderboard}; sent ${orders}, ${expected}`);
}

/**
 * Compares the sum of the users' totals with what was sent to Redis, to the cent. On a cluster they are on all nodes, and
 * counted by other calls than those of {@link verifyTotals}.
 *
 * @throws an error where they differ
 */
export async function verifyUsers(redis: RedisClient, { orders, cents }: Sum, name: string): Promise<void> {
  const users = await redis.zrange(topUsers, 0, '-1');
  const totals = await Promise.all(users.map((user) => redis.hmget(userStats(user), ...USER_FIELDS)));
  const count = totals.reduce((sum, [ofUser]) => sum + Number(ofUser), 0);
  const spend = totals.reduce((sum, [, ofUser]) => sum + Math.round(Number(ofUser) * 100), 0);
  if (count === orders && spend === cents) return;
  throw new Error(`${name}: users have ${count} orders, ${spend} cents; sent ${orders}, ${cents}`);
}
