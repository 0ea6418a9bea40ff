import { GetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { withTimeout } from '../withTimeout.ts';
import { createSqsClient } from './client.ts';

/** Approximate numbers of messages in a queue. */
export type QueueDepth = { readonly waiting: number; readonly inFlight: number; readonly delayed: number };

/** Keeps the answers of the API below one second. */
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
 * Asks SQS how many messages a queue holds. The age of the oldest one is not included: only CloudWatch knows it.
 *
 * @throws the error of SQS or of the connection, or a timeout after 0.8 s
 */
export async function readQueueDepth(queueUrl: string): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ATTRIBUTES });
  const giveUp = new AbortController();
  const asked = client.send(command, { abortSignal: giveUp.signal });
  const answer = await withTimeout(LIMIT_MS, asked, `SQS did not answer within ${LIMIT_MS} ms`).catch((error) => {
    // Each request to /pipeline asks about two queues: 25 hung ones would exhaust the 50 sockets of the client.
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
