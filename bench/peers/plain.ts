import { existsSync } from 'node:fs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { Redis } from 'ioredis';
import { type Order, parseOrder } from '../../lib/orders/order.ts';

/**
 * Counts a batch. A worker that somebody else might have written: nine commands per order, on hashes for totals and months.
 *
 * @returns the messages that were not counted; throws where none may be deleted
 */
export type Peer = (records: SQSRecord[], context: Context) => Promise<SQSBatchResponse>;

/** A Lambda function that counts with a worker; REDIS_URL names its Redis. */
export function handlerOf(connect: (url: string) => Promise<Peer>) {
  let peer: Promise<Peer> | undefined;
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    peer ??= connect(process.env.REDIS_URL ?? '');
    return (await peer)(Records, context);
  };
}

/* The keys of all peers. */
export const GLOBAL = 'global:stats';
export const TOP_USERS = 'global:top-users';
export const globalMonth = ({ placed }: Order): string => `global:month:${placed.day.slice(0, 7)}`;
export const userTotal = ({ userId }: Order): string => `user:${userId}`;
export const userMonth = ({ userId, placed }: Order): string => `user:${userId}:month:${placed.day.slice(0, 7)}`;

/** The same validation for all. @throws an error with the rule that the order breaks */
export function orderOfRecord(record: SQSRecord): Order {
  const parsed = parseOrder(record.body);
  if (!parsed.ok) throw new Error(parsed.rejection.rule);
  return parsed.order;
}

/** One pipeline per batch. Counts redeliveries twice. */
export const pipeline =
  (redis: Redis): Peer =>
  async (records) => {
    const answers = await redis.pipeline(records.flatMap(commandsOf)).exec();
    for (const [error] of answers ?? []) if (error) throw error;
    return { batchItemFailures: [] };
  };

export const handler = handlerOf(async (url) => {
  const redis = new Redis(url);
  await redis.ping();
  return pipeline(redis);
});

/** As in tutorials: one order after another, awaiting each command. Counts redeliveries twice. */
export const awaited =
  (redis: Redis): Peer =>
  async (records) => {
    for (const record of records) for (const [name, ...args] of commandsOf(record)) await redis.call(name, args);
    return { batchItemFailures: [] };
  };

function commandsOf(record: SQSRecord): [name: string, ...args: (string | number)[]][] {
  const order = orderOfRecord(record);
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

/** Whether Powertools can take part. If its packages are not installed, it prints what to do. */
export function isPowertoolsInstalled(): boolean {
  if (existsSync(new URL('node_modules', import.meta.url))) return true;
  console.error('Powertools is left out. To include it: npm ci --prefix bench/peers');
  return false;
}
