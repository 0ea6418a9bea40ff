import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { withTimeout } from '../withTimeout.ts';
import { createSqsClient } from './client.ts';

/** How many messages a queue holds, approximately, as SQS says. */
export type QueueDepth = { readonly waiting: number; readonly inFlight: number; readonly delayed: number };

/** So that an answer of the API takes less than a second. */
const LIMIT_MS = 800;

const ATTRIBUTES: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

const count = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number));
const Attributes = v.object({
  ApproximateNumberOfMessages: count,
  ApproximateNumberOfMessagesNotVisible: count,
  ApproximateNumberOfMessagesDelayed: count,
});

const client = createSqsClient({ maxAttempts: 1 });

/**
 * Asks SQS how many messages a queue holds. The age of the oldest is no attribute of a queue: only CloudWatch knows it.
 *
 * @throws the error of SQS or of the connection, or one after 0.8 s
 */
export async function readQueueDepth(queueUrl: string): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ATTRIBUTES });
  const giveUp = new AbortController();
  const asked = client.send(command, { abortSignal: giveUp.signal });
  const answer = await withTimeout(LIMIT_MS, asked, `SQS did not answer within ${LIMIT_MS} ms`).catch((error) => {
    // The client has 50 connections: 25 requests to the API that nobody ends would leave it none.
    giveUp.abort();
    throw error;
  });
  const depth = v.parse(Attributes, answer.Attributes);
  return {
    waiting: depth.ApproximateNumberOfMessages,
    inFlight: depth.ApproximateNumberOfMessagesNotVisible,
    delayed: depth.ApproximateNumberOfMessagesDelayed,
  };
}
