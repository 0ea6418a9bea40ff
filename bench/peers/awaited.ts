import { Redis } from 'ioredis';
import { globalMonth, globalStats, topUsers, userMonth, userStats } from '../../lib/stats/keys.ts';
import { type Peer, readOrder } from './peer.ts';

/** As tutorials have it: order by order, command by command, each awaited. Counts redeliveries twice. */
export async function connectAwaited(url: string): Promise<Peer> {
  const redis = new Redis(url);
  await redis.ping();
  return {
    async count(records) {
      for (const record of records) {
        const { userId, cents, placed } = readOrder(record);
        const amount = cents / 100;
        await redis.hincrby(userStats(userId), 'order_count', 1);
        await redis.hincrbyfloat(userStats(userId), 'total_spend', amount);
        await redis.hincrby(globalStats, 'total_orders', 1);
        await redis.hincrbyfloat(globalStats, 'total_revenue', amount);
        await redis.hincrby(userMonth(userId, placed.month), 'order_count', 1);
        await redis.hincrbyfloat(userMonth(userId, placed.month), 'total_spend', amount);
        await redis.hincrby(globalMonth(placed.month), 'total_orders', 1);
        await redis.hincrbyfloat(globalMonth(placed.month), 'total_revenue', amount);
        await redis.zincrby(topUsers, amount, userId);
      }
    },
    close: () => redis.disconnect(),
  };
}
