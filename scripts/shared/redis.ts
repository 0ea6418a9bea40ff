import { countOrders } from '../../lib/counting/count.ts';
import { type Order, parseOrder } from '../../lib/orders/order.ts';
import { type RedisClient, tryServer } from '../../lib/redis/client.ts';
import { troubleOf } from '../../lib/redis/errors.ts';
import { readMessages } from '../../lib/stats/messages.ts';
import { readGlobalStats, readUserStats } from '../../lib/stats/read.ts';
import { readTopUsers } from '../../lib/stats/topUsers.ts';

/** A valid order that is never counted. */
function trialOrder(): Order {
  const order = { order_id: 'trial', user_id: 'trial', order_timestamp: '2024-12-13T10:00:00Z', order_value: 1 };
  const items = [{ product_id: 'trial', quantity: 1, price_per_unit: 1 }];
  const parsed = parseOrder(JSON.stringify({ ...order, items }));
  if (!parsed.ok) throw new Error('The trial order is not valid');
  return parsed.order;
}

/**
 * Looks up an order as `dlq` does, or tries whether one could be counted. Changes nothing. Ignores a corrupt key, which affects
 * only some orders.
 *
 * @param redis that knows the counting script
 * @throws the error of Redis or of the connection
 */
export async function tryCounting(redis: RedisClient, mode: 'look' | 'try'): Promise<void> {
  // A connection calls the script with EVAL first, and with EVALSHA from then on.
  for (const _ of ['EVAL', 'EVALSHA']) {
    const [verdict] = await countOrders(redis, [trialOrder()], mode);
    if (verdict?.kind === 'unanswered') throw verdict.cause;
  }
}

/**
 * Reads what the API reads.
 *
 * @param redis that knows the script of the top users
 * @throws the error of Redis or of the connection, except for a corrupt key
 */
export async function tryReading(redis: RedisClient): Promise<void> {
  await tryServer(redis);
  const reads = [readGlobalStats(redis), readTopUsers(redis, 1), readMessages(redis), readUserStats(redis, 'trial')];
  for (const read of await Promise.allSettled(reads)) {
    if (read.status === 'rejected' && troubleOf(read.reason) !== 'corrupt') throw read.reason;
  }
}
