import {
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { createSqsClient } from './client.ts';

/**
 * Two attempts fit into the timeout of the function, after the time that Redis may take. If SQS never answers, for example
 * in a VPC without an endpoint for SQS, the orders that are already counted must not fail.
 */
const client = createSqsClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});

/**
 * Sets when up to 10 messages are received again.
 *
 * @param entries with the visibility timeout in seconds
 * @returns the entries that SQS refused, with the reason as `Message`
 * @throws the error of SQS or of the connection
 */
export async function changeVisibility(queueUrl: string, entries: ChangeMessageVisibilityBatchRequestEntry[]) {
  const { Failed = [] } = await client.send(
    new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
  );
  return Failed;
}
