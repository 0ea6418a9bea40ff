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

const asking = new Map<string, Promise<QueueDepth>>();

/**
 * Asks SQS how many messages a queue holds. Callers that ask while an answer is on its way share it. The age of the oldest
 * message is not included: only CloudWatch knows it.
 *
 * @throws the error of SQS or of the connection, or a timeout after 0.8 s
 */
export function readQueueDepth(queueUrl: string): Promise<QueueDepth> {
  const asked = asking.get(queueUrl) ?? ask(queueUrl).finally(() => asking.delete(queueUrl));
  asking.set(queueUrl, asked);
  return asked;
}

async function ask(queueUrl: string): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ATTRIBUTES });
  const giveUp = new AbortController();
  const asked = client.send(command, { abortSignal: giveUp.signal });
  const answer = await withTimeout(LIMIT_MS, asked, `SQS did not answer within ${LIMIT_MS} ms`).catch((error) => {
    // Else a request that hangs would keep its socket.
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
