import type { Redis } from 'ioredis';
import { GLOBAL_FIELDS, globalStats, USER_FIELDS, userStats } from './keys.ts';

/** All orders ever counted; revenue in currency units. */
export type GlobalStats = { total_orders: number; total_revenue: number };

/** All orders of one user; spend in currency units. */
export type UserStats = { user_id: string; order_count: number; total_spend: number };

/**
 * Reads the grand total: zeros when nothing was counted.
 *
 * @throws the error of Redis or of the connection
 */
export async function readGlobalStats(redis: Redis): Promise<GlobalStats> {
  const [orders, revenue] = await redis.hmget(globalStats, ...GLOBAL_FIELDS);
  return { total_orders: Number(orders), total_revenue: Number(revenue) };
}

/**
 * Reads the total of one user: undefined for a user without orders.
 *
 * @throws the error of Redis or of the connection
 */
export async function readUserStats(redis: Redis, userId: string): Promise<UserStats | undefined> {
  const [orders, spend] = await redis.hmget(userStats(userId), ...USER_FIELDS);
  if (orders == null) return undefined;
  return { user_id: userId, order_count: Number(orders), total_spend: Number(spend) };
}
