import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context } from 'aws-lambda';
import { DeadLetterRecorder } from '../lib/batch/deadLetters.ts';
import { parseSqsEvent, type QueueMessage } from '../lib/batch/event.ts';
import { MessageFailure } from '../lib/batch/outcome.ts';
import { type Keep, processBatch } from '../lib/batch/processBatch.ts';
import { logFailure, reportBatch } from '../lib/batch/report.ts';
import { scheduleFailures } from '../lib/batch/retry.ts';
import { workerConfig } from '../lib/config.ts';
import { defineCountingScript } from '../lib/counting/count.ts';
import { logger } from '../lib/observability.ts';
import { hourIn } from '../lib/orders/calendar.ts';
import { RedisConnection } from '../lib/redis/connection.ts';

const { redisUrl, queueUrl, bucket, timeZone, currency } = workerConfig(process.env);
const units = { hourOf: hourIn(timeZone), currency };
const redis = new RedisConnection(redisUrl, { connectMs: 1000, commandMs: 1000 }, defineCountingScript);
const letters = new DeadLetterRecorder(redis);

const answerBatch = middy(async ({ Records }: { Records: QueueMessage[] }, { awsRequestId }: Context) => {
  const started = performance.now();
  const keep = bucket === undefined ? undefined : keepIn(bucket, awsRequestId);
  const { processed, ...waited } = await processBatch(Records, redis, { ...units, keep });
  await Promise.all([scheduleFailures(queueUrl, processed), letters.record(processed)]);
  reportBatch(processed, { durationMs: performance.now() - started, ...waited });
  return processed.map(({ outcome }) =>
    outcome instanceof MessageFailure ? { status: 'rejected', reason: outcome } : { status: 'fulfilled' },
  );
}).use(sqsPartialBatchFailure({ logger: logFailure }));

/** The archive is loaded with the first batch that has orders, so that a cold start counts before it pays for the SDK. */
function keepIn(bucket: string, requestId: string): Keep {
  return async (orders) => {
    const { archiveBatch } = await import('../lib/archive/archiveBatch.ts');
    await archiveBatch(bucket, orders, requestId);
  };
}

/**
 * Counts a batch of order messages from SQS. Returns the messages that were not counted as `{ batchItemFailures }`. The event
 * is parsed outside of middy: its plugin would turn a parse error into an empty list of failures, and SQS would delete every
 * message.
 */
export const handler = async (event: unknown, context: Context): Promise<unknown> => {
  logger.addContext(context);
  return answerBatch({ Records: parseSqsEvent(event) }, context);
};
