import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { findQueueUrl, sqsClient } from '../../../scripts/shared/sqs.ts';

/** Empties the dead-letter queue. */
export async function purgeDeadLetters(): Promise<void> {
  const client = sqsClient({ endpoint: inject('pipeline').sqs });
  await client.send(new PurgeQueueCommand({ QueueUrl: await findQueueUrl(client, 'orders-queue-dlq') }));
  client.destroy();
}
