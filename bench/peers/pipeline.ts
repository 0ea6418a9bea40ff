import { Redis } from 'ioredis';
import { globalMonth, globalStats, topUsers, userMonth, userStats } from '../../lib/stats/keys.ts';
import { type Peer, readOrder } from './peer.ts';

/** One pipeline a batch. Counts redeliveries twice. */
export async function connectPipeline(url: string): Promise<Peer> {
  const redis = new Redis(url);
  await redis.ping();
  return {
    async count(records) {
      const pipeline = redis.pipeline();
      for (const record of records) {
        const { userId, cents, placed } = readOrder(record);
        const amount = cents / 100;
        pipeline.hincrby(userStats(userId), 'order_count', 1);
        pipeline.hincrbyfloat(userStats(userId), 'total_spend', amount);
        pipeline.hincrby(globalStats, 'total_orders', 1);
        pipeline.hincrbyfloat(globalStats, 'total_revenue', amount);
        pipeline.hincrby(userMonth(userId, placed.month), 'order_count', 1);
        pipeline.hincrbyfloat(userMonth(userId, placed.month), 'total_spend', amount);
        pipeline.hincrby(globalMonth(placed.month), 'total_orders', 1);
        pipeline.hincrbyfloat(globalMonth(placed.month), 'total_revenue', amount);
        pipeline.zincrby(topUsers, amount, userId);
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    close: () => redis.disconnect(),
  };
}
