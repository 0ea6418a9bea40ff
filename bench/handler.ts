import type { SQSEvent } from 'aws-lambda';
import { lambdaContext } from '../tests/support/lambdaContext.ts';

/** Counts a batch through the handler of processOrders; throws when an order was not counted. */
export type CountBatch = (batch: SQSEvent) => Promise<void>;

let containers = 0;

/** Loads the handler as another Lambda container would, with a connection of its own to the Redis at `url`. */
export async function loadHandler(url: string): Promise<CountBatch> {
  process.env.REDIS_URL = url;
  process.env.QUEUE_URL = 'http://localhost/000000000000/none';
  process.env.POWERTOOLS_SERVICE_NAME = 'bench';
  // A module of another address is evaluated anew.
  const { href } = new URL(`../functions/processOrders.ts?${containers++}`, import.meta.url);
  const { handler }: typeof import('../functions/processOrders.ts') = await import(href);
  return async (batch) => {
    const response = JSON.stringify(await handler(batch, lambdaContext));
    if (response !== '{"batchItemFailures":[]}') throw new Error(`Not counted: ${response}`);
  };
}
