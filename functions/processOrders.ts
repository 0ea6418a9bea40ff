import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context } from 'aws-lambda';
import { parseSqsEvent, type QueueMessage } from '../lib/batch/event.ts';
import { MessageFailure } from '../lib/batch/outcome.ts';
import { processBatch } from '../lib/batch/processBatch.ts';
import { logFailure, reportBatch } from '../lib/batch/report.ts';
import { scheduleFailures } from '../lib/batch/retry.ts';
import { workerConfig } from '../lib/config.ts';
import { defineCountingScript } from '../lib/counting/count.ts';
import { logger } from '../lib/observability.ts';
import { dayIn } from '../lib/orders/calendar.ts';
import { RedisConnection } from '../lib/redis/connection.ts';

const { redisUrl, queueUrl, timeZone, currency, confirmation } = workerConfig(process.env);
const options = { dayOf: dayIn(timeZone), currency, confirmation };
const redis = new RedisConnection(redisUrl, { connectMs: 1000, commandMs: 1000 }, defineCountingScript);

const answerBatch = middy(async ({ Records }: { Records: QueueMessage[] }) => {
  const started = performance.now();
  const { processed, redisMs } = await processBatch(Records, redis, options);
  await scheduleFailures(queueUrl, processed);
  reportBatch(processed, { durationMs: performance.now() - started, redisMs });
  return processed.map(({ outcome }) =>
    outcome instanceof MessageFailure ? { status: 'rejected', reason: outcome } : { status: 'fulfilled' },
  );
}).use(sqsPartialBatchFailure({ logger: logFailure }));

/**
 * Counts a batch of order messages from SQS. Returns the messages that were not counted as `{ batchItemFailures }`. The event
 * is parsed outside of middy: its plugin would turn a parse error into an empty list of failures, and SQS would delete every
 * message.
 */
export const handler = async (event: unknown, context: Context): Promise<unknown> => {
  logger.addContext(context);
  return answerBatch({ Records: parseSqsEvent(event) }, context);
};
