import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { findQueueUrl, sqsClient } from '../../../scripts/shared/sqs.ts';
import { localStack } from './endpoint.ts';

const ORDERS = 'orders-queue';
const DEAD_LETTERS = 'orders-queue-dlq';

/**
 * LocalStack asks a queue for messages about once a second, and an invalid one has to be received 8 times. An order
 * that meets a function just as it is replaced comes back when the queue's visibility timeout, 80 s, is over.
 */
const LIMIT = { timeout: 180_000, interval: 250 };

const sqs = sqsClient(localStack);

/** Sends messages, up to 10, in one call. */
export const send = (...bodies: string[]): Promise<void> => sendTo(ORDERS, bodies);

/** Puts messages, up to 10, into the dead-letter queue, as if Redis had been away for too long. */
export const bury = (...bodies: string[]): Promise<void> => sendTo(DEAD_LETTERS, bodies);

async function sendTo(queue: string, bodies: readonly string[]): Promise<void> {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: await findQueueUrl(sqs, queue),
      Entries: bodies.map((body, index) => ({ Id: `${index}`, MessageBody: body })),
    }),
  );
  expect(Failed).toEqual([]);
}

/** Resolves when the pipeline has dealt with every message: none is left in the queue, visible or not. */
export async function settled(): Promise<void> {
  await expect.poll(() => sizeOf(ORDERS), { ...LIMIT, message: `messages in ${ORDERS}` }).toBe(0);
}

/** Waits for this many dead letters. */
export async function deadLetters(count: number): Promise<void> {
  await expect.poll(() => sizeOf(DEAD_LETTERS), { ...LIMIT, message: `messages in ${DEAD_LETTERS}` }).toBe(count);
}

/** Waits for this many dead letters, takes them out of the queue, and checks that it holds no more. @returns their bodies, sorted */
export async function takeDeadLetters(count: number): Promise<string[]> {
  await deadLetters(count);
  const queue = { QueueUrl: await findQueueUrl(sqs, DEAD_LETTERS) };
  const bodies: string[] = [];
  while (bodies.length < count) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ ...queue, MaxNumberOfMessages: 10 }));
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ ...queue, ReceiptHandle }));
    }
  }
  return bodies.sort();
}

/** Deletes what both queues hold, from earlier runs or other uses of this LocalStack. */
export async function emptyQueues(): Promise<void> {
  for (const name of [ORDERS, DEAD_LETTERS]) {
    await sqs.send(new PurgeQueueCommand({ QueueUrl: await findQueueUrl(sqs, name) }));
  }
}

/** Whether LocalStack knows the queue that orders are sent to. */
export const queueExists = (): Promise<boolean> =>
  findQueueUrl(sqs, ORDERS).then(
    () => true,
    () => false,
  );

async function sizeOf(name: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await findQueueUrl(sqs, name),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, number) => sum + Number(number), 0);
}
