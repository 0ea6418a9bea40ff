import { captureOutput } from './captureOutput.ts';
import { loadWorker } from './loadWorker.ts';
import { orderBody } from './orderMessage.ts';
import { getEvent, type ImportFunction, loadReadFunction } from './readFunction.ts';

/** Part of the order counted and the user read. It is an argument of Redis commands, so no log may contain it. */
export const ARGUMENT = 'Argument-1';

const READERS: readonly ImportFunction[] = [
  () => import('../../functions/getUserStats.ts'),
  () => import('../../functions/getGlobalStats.ts'),
  () => import('../../functions/getTopUsers.ts'),
  () => import('../../functions/getOverview.ts'),
  () => import('../../functions/getPipeline.ts'),
  () => import('../../functions/getHealth.ts'),
];

/**
 * All that the functions that use Redis print at every log level. Each is called once in a new container: the worker with
 * an order, the readers for a user. SQS does not answer.
 */
export async function functionLogs(redisUrl: string): Promise<string> {
  const environment = {
    REDIS_URL: redisUrl,
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  };
  const output = captureOutput();
  try {
    const count = await loadWorker(environment);
    const body = orderBody({ order_id: `O-${ARGUMENT}`, user_id: `U-${ARGUMENT}` });
    await count({ Records: [{ messageId: 'm1', receiptHandle: 'r1', body }] });
    for (const reader of READERS) {
      const ask = await loadReadFunction(reader, environment);
      await ask(getEvent({ user_id: `U-${ARGUMENT}` }));
    }
  } finally {
    output.restore();
  }
  return output.text();
}
