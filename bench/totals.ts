import type { Redis } from 'ioredis';
import { globalStats, topUsers } from '../lib/stats/keys.ts';
import type { Load } from './orders.ts';

/** A sum of some ten thousand doubles is off by less than this share. */
const FLOAT_NOISE = 1e-9;

/** Compares what Redis holds with what was sent to it. @throws an error where they differ */
export async function verifyTotals(redis: Redis, { orders, cents }: Load, name: string, isExact: boolean) {
  const [count, revenue] = await redis.hmget(globalStats, 'total_orders', 'total_revenue');
  const scores = await redis.zrange(topUsers, 0, -1, 'WITHSCORES');
  const leaderboard = scores.reduce((sum, score, index) => (index % 2 ? sum + Number(score) : sum), 0);
  const expected = cents / 100;
  const isClose = (sum: number): boolean => Math.abs(sum - expected) <= expected * FLOAT_NOISE;
  const isRevenue = isExact ? revenue === expected.toFixed(2) : isClose(Number(revenue));
  if (count === `${orders}` && isRevenue && isClose(leaderboard)) return;
  throw new Error(`${name}: ${count} orders, ${revenue}, leaderboard ${leaderboard}; sent ${orders}, ${expected}`);
}
