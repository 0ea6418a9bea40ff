import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { Queue } from './queues.ts';
import type { EventSource } from './service.ts';

/** Messages at most in one call of SQS. */
const MESSAGES_A_CALL = 10;
const LONG_POLL_SECONDS = 5;

/** Runs the function with an event and returns what it returned. */
export type Invoke = (event: unknown) => Promise<unknown>;

/**
 * Feeds a function from a queue as an event source mapping with ReportBatchItemFailures does, but for its
 * batching window: whoever sends an order by hand does not want to wait. What was not reported as failed is deleted.
 * After an error, or an answer that Lambda would not understand, nothing is; the messages come back after their
 * visibility timeout.
 *
 * @returns when the signal has fired and the batch in flight is through
 */
export async function runEventSource(
  sqs: SQSClient,
  queue: Queue,
  source: EventSource,
  invoke: Invoke,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await gather(sqs, queue.url, source, signal);
      if (messages.length === 0) continue;
      const response = await invoke({ Records: messages.map((message) => toRecord(message, queue)) });
      await deleteMessages(sqs, queue.url, succeeded(messages, response));
    } catch (error) {
      if (signal.aborted) return;
      console.error(`${source.functionKey} failed, its messages come back later: ${describe(error)}`);
      await sleep(1000, undefined, { signal }).catch(() => {});
    }
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waits for a first message, then takes along what else is there, up to the batch size. */
async function gather(
  sqs: SQSClient,
  queueUrl: string,
  { batchSize }: EventSource,
  signal: AbortSignal,
): Promise<Message[]> {
  const messages = await receive(sqs, queueUrl, Math.min(batchSize, MESSAGES_A_CALL), LONG_POLL_SECONDS, signal);
  if (messages.length < MESSAGES_A_CALL) return messages;
  const calls: Promise<Message[]>[] = [];
  for (let room = batchSize - messages.length; room > 0; room -= MESSAGES_A_CALL) {
    calls.push(receive(sqs, queueUrl, Math.min(room, MESSAGES_A_CALL), 0, signal));
  }
  return [...messages, ...(await Promise.all(calls)).flat()];
}

async function receive(
  sqs: SQSClient,
  queueUrl: string,
  count: number,
  waitSeconds: number,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: count,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal });
  return Messages;
}

const toRecord = (message: Message, queue: Queue) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: queue.arn,
});

const BatchResponse = v.object({ batchItemFailures: v.array(v.object({ itemIdentifier: v.string() })) });

function succeeded(messages: readonly Message[], response: unknown): Message[] {
  const failed = new Set(
    v.parse(BatchResponse, response).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  );
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  for (const id of failed) if (!known.has(id)) throw new Error(`it reported the unknown message ${id}`);
  return messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
}

async function deleteMessages(sqs: SQSClient, queueUrl: string, messages: readonly Message[]): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (let start = 0; start < messages.length; start += MESSAGES_A_CALL) {
    const entries = messages
      .slice(start, start + MESSAGES_A_CALL)
      .map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    calls.push(sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })));
  }
  await Promise.all(calls);
}
