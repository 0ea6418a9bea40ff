import type { SQSRecord } from 'aws-lambda';
import { Redis } from 'ioredis';
import { GLOBAL, globalMonth, handlerOf, type Peer, readOrder, TOP_USERS, userMonth, userTotal } from './peer.ts';

/** One pipeline a batch. Counts redeliveries twice. */
export async function connectPipeline(url: string): Promise<Peer> {
  const redis = new Redis(url);
  await redis.ping();
  return {
    async count(records) {
      const pipeline = redis.pipeline(records.flatMap(commandsOf));
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
      return { batchItemFailures: [] };
    },
    close: () => redis.disconnect(),
  };
}

/** Counts with one pipeline a batch. */
export const handler = handlerOf(connectPipeline);

/** As tutorials have it: order by order, command by command, each awaited. Counts redeliveries twice. */
export async function connectAwaited(url: string): Promise<Peer> {
  const redis = new Redis(url);
  await redis.ping();
  return {
    async count(records) {
      for (const record of records) for (const [name, ...args] of commandsOf(record)) await redis.call(name, args);
      return { batchItemFailures: [] };
    },
    close: () => redis.disconnect(),
  };
}

function commandsOf(record: SQSRecord): [name: string, ...args: (string | number)[]][] {
  const order = readOrder(record);
  const amount = order.cents / 100;
  return [
    ['hincrby', userTotal(order), 'order_count', 1],
    ['hincrbyfloat', userTotal(order), 'total_spend', amount],
    ['hincrby', GLOBAL, 'total_orders', 1],
    ['hincrbyfloat', GLOBAL, 'total_revenue', amount],
    ['hincrby', userMonth(order), 'order_count', 1],
    ['hincrbyfloat', userMonth(order), 'total_spend', amount],
    ['hincrby', globalMonth(order), 'total_orders', 1],
    ['hincrbyfloat', globalMonth(order), 'total_revenue', amount],
    ['zincrby', TOP_USERS, amount, order.userId],
  ];
}
