import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { CachePersistenceLayer } from '@aws-lambda-powertools/idempotency/cache';
import { createClient } from '@redis/client';
import type { SQSRecord } from 'aws-lambda';
import type { Order } from '../../lib/orders/order.ts';
import { GLOBAL, globalMonth, handlerOf, orderOfRecord, type Peer, TOP_USERS, userMonth, userTotal } from './plain.ts';

const REMEMBERED_SECONDS = 30 * 24 * 60 * 60;

/**
 * Powertools' batch processor and idempotency: a record per order in the same Redis, one command before and one after. The
 * orders of a batch run concurrently. A crash between the record and the commands loses the order, or counts it twice.
 */
export async function connect(url: string): Promise<{ count: Peer; close(): void }> {
  process.env.AWS_LAMBDA_FUNCTION_NAME ??= 'powertools';
  // Without a listener an error of the connection would end the process.
  const client = await createClient({ url })
    .on('error', () => {})
    .connect();
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'orderId', expiresAfterSeconds: REMEMBERED_SECONDS });

  const countOnce = makeIdempotent(
    async (order: Order) => {
      const amount = order.cents / 100;
      await client
        .multi()
        .hIncrBy(userTotal(order), 'order_count', 1)
        .hIncrByFloat(userTotal(order), 'total_spend', amount)
        .hIncrBy(GLOBAL, 'total_orders', 1)
        .hIncrByFloat(GLOBAL, 'total_revenue', amount)
        .hIncrBy(userMonth(order), 'order_count', 1)
        .hIncrByFloat(userMonth(order), 'total_spend', amount)
        .hIncrBy(globalMonth(order), 'total_orders', 1)
        .hIncrByFloat(globalMonth(order), 'total_revenue', amount)
        .zIncrBy(TOP_USERS, amount, order.userId)
        .execAsPipeline();
      return true;
    },
    { persistenceStore: new CachePersistenceLayer({ client }), config },
  );

  return {
    async count(Records, context) {
      // A record in progress locks its order until the invocation's deadline.
      config.registerLambdaContext(context);
      const countRecord = async (record: SQSRecord) => countOnce(orderOfRecord(record));
      // One per batch: a processor keeps the state of its batch.
      const processor = new BatchProcessor(EventType.SQS);
      return processPartialResponse({ Records }, countRecord, processor);
    },
    close: () => client.destroy(),
  };
}

/** Counts with Powertools. */
export const handler = handlerOf(async (url) => (await connect(url)).count);
