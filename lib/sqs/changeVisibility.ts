import {
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { createSqsClient } from './client.ts';

/**
 * Two attempts, and what Redis may take before them, fit into the timeout of the function: an SQS that never answers,
 * as from a VPC without an endpoint for it, must not fail the orders of the batch that are counted already.
 */
const client = createSqsClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});

/**
 * Sets when up to 10 messages are received again.
 *
 * @param entries with the visibility timeout in seconds
 * @returns the entries that SQS has refused: their `Id` and, as `Message`, why
 * @throws the error of SQS or of the connection
 */
export async function changeVisibility(queueUrl: string, entries: ChangeMessageVisibilityBatchRequestEntry[]) {
  const { Failed = [] } = await client.send(
    new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
  );
  return Failed;
}
