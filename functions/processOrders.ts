import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context } from 'aws-lambda';
import { workerConfig } from '../lib/config.ts';
import { logger } from '../lib/observability.ts';
import { dayIn } from '../lib/orders/calendar.ts';
import { parseSqsEvent, type QueueMessage } from '../lib/queue/event.ts';
import { logFailure } from '../lib/queue/log.ts';
import { type Outcome, processBatch } from '../lib/queue/process.ts';
import { reportBatch } from '../lib/queue/report.ts';
import { scheduleFailures } from '../lib/queue/visibility.ts';
import { RedisConnection } from '../lib/redis.ts';
import { defineCountingScript } from '../lib/stats/count.ts';

const { redisUrl, queueUrl, timeZone } = workerConfig(process.env);
const dayOf = dayIn(timeZone);
const redis = new RedisConnection(redisUrl, { connectMs: 1000, commandMs: 1000 }, defineCountingScript);

const countBatch = middy(async ({ Records }: { Records: QueueMessage[] }): Promise<Outcome[]> => {
  const started = performance.now();
  const { outcomes, redisMs } = await processBatch(Records, redis, dayOf);
  await scheduleFailures(queueUrl, Records, outcomes);
  reportBatch(Records, outcomes, { durationMs: performance.now() - started, redisMs });
  return outcomes;
}).use(sqsPartialBatchFailure({ logger: logFailure }));

// The event is parsed outside of middy: its plugin would answer an error of parsing with an empty list of failures, and
// SQS would delete every message.
/** Counts a batch of order messages from SQS. Returns `{ batchItemFailures }` with the messages that were not counted. */
export const handler = async (event: unknown, context: Context): Promise<unknown> => {
  logger.addContext(context);
  return countBatch({ Records: parseSqsEvent(event) }, context);
};
