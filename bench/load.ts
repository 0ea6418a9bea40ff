import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { RedisClient } from '../lib/redis/client.ts';
import { GLOBAL_FIELDS, globalStatsKey, shardsOf } from '../lib/stats/keys.ts';

/** The totals of orders. */
export type Sum = { readonly orders: number; readonly cents: number };

/** Batches of orders as SQS delivers them, and their totals. */
export type Load = Sum & { readonly batches: readonly SQSEvent[] };

const MONTHS = ['2024-10', '2024-11', '2024-12'];

/** @param first number of the first order: the same number is the same order */
export function makeLoad(orders: number, batchSize: number, { first = 0, users = 10_000 } = {}): Load {
  const batches: SQSEvent[] = [];
  let cents = 0;
  for (let n = first; n < first + orders; n++) {
    const isFull = (n - first) % batchSize === 0;
    if (isFull) batches.push({ Records: [] });
    batches.at(-1)?.Records.push(record(n, users));
    cents += centsOf(n);
  }
  return { batches, orders, cents };
}

const FIRST_LINE = 40_00;

/** Cents of an order: 8000 orders in a row differ. */
const centsOf = (n: number): number => FIRST_LINE + 19_99 + ((n * 37) % 8000);

function record(n: number, users: number): SQSRecord {
  const value = centsOf(n);
  const body = {
    order_id: `ORD${n}`,
    user_id: `U${(n * 7919) % users}`,
    order_timestamp: `${MONTHS[Math.floor(n / users) % MONTHS.length]}-13T10:00:00Z`,
    order_value: value / 100,
    items: [
      { product_id: 'P001', quantity: 2, price_per_unit: FIRST_LINE / 200 },
      { product_id: 'P002', quantity: 1, price_per_unit: (value - FIRST_LINE) / 100 },
    ],
    shipping_address: '123 Main St, Springfield',
    payment_method: 'CreditCard',
  };
  return {
    messageId: `message-${n}`,
    receiptHandle: `receipt-${n}`,
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1734084000000',
      SenderId: 'shop',
      ApproximateFirstReceiveTimestamp: '1734084000001',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:orders-queue',
    awsRegion: 'us-east-1',
  };
}

/** The relative error of a sum of ten thousand doubles is smaller. */
const FLOAT_NOISE = 1e-9;

/**
 * Compares the totals of all orders with what was sent.
 *
 * @param isExact whether the revenue must be right to the cent; sums of doubles drift
 * @throws an error where they differ
 */
export async function verifyTotals(redis: RedisClient, sent: Sum, name: string, isExact = true): Promise<void> {
  const shards = await Promise.all(
    shardsOf(redis).map((shard) => redis.hmget(globalStatsKey(shard), ...GLOBAL_FIELDS)),
  );
  const orders = shards.reduce((sum, [ofShard]) => sum + Number(ofShard), 0);
  const cents = shards.reduce((sum, [, ofShard]) => sum + Number(ofShard) * 100, 0);
  const drift = Math.abs((isExact ? Math.round(cents) : cents) - sent.cents);
  if (orders === sent.orders && drift <= (isExact ? 0 : sent.cents * FLOAT_NOISE)) return;
  throw new Error(`${name}: ${orders} orders, ${cents} cents; sent ${sent.orders}, ${sent.cents}`);
}
