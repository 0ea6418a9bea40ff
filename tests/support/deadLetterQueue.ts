import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { onTestFinished } from 'vitest';
import { sqsClient } from '../../scripts/shared/sqs.ts';

/** Starts an SQS emulator with both queues and up to 10 dead letters, until the test ends. @returns its URL */
export async function startDeadLetterQueue(bodies: readonly string[]): Promise<string> {
  const sqs = await startFauxqs({ port: 0, logger: false });
  onTestFinished(() => sqs.stop());
  const { queueArn, queueUrl: QueueUrl } = sqs.createQueue('orders-queue-dlq');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount: 8 });
  sqs.createQueue('orders-queue', { attributes: { RedrivePolicy } });
  const client = sqsClient({ endpoint: sqs.address });
  const Entries = bodies.map((MessageBody, n) => ({ Id: `${n}`, MessageBody }));
  await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  client.destroy();
  return sqs.address;
}
