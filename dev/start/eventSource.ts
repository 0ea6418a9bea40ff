import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { errorText } from '../../lib/errorText.ts';
import { chunksOf, MESSAGES_PER_CALL } from '../../lib/sqs/chunks.ts';
import type { Queue, SqsCall } from './emulator.ts';
import type { EventSource } from './service.ts';

const LONG_POLL_SECONDS = 5;

/** Runs the function with an event. @returns its answer */
export type Invoke = (event: unknown) => Promise<unknown>;

/**
 * Feeds a function from a queue like an event source mapping with ReportBatchItemFailures, but without a batching window: an
 * order sent by hand should count at once. Deletes the messages that are not reported as failed. After an error, or an answer
 * that Lambda would not accept, it deletes none; they come back after their visibility timeout.
 *
 * @returns when the signal has fired and the batch in flight is done
 */
export async function runEventSource(
  sqs: SqsCall,
  queue: Queue,
  source: EventSource,
  invoke: Invoke,
  signal: AbortSignal,
): Promise<void> {
  const poll = () => {
    const messages = gather(sqs, queue.url, source);
    // The error is handled where the promise is awaited.
    messages.catch(() => {});
    return messages;
  };
  let next = poll();
  while (!signal.aborted) {
    try {
      const messages = await next.finally(() => {
        // Receives while the function works on these.
        next = poll();
      });
      if (messages.length === 0) continue;
      const response = await invoke({ Records: messages.map((message) => toRecord(message, queue)) });
      await deleteMessages(sqs, queue.url, succeeded(messages, response));
    } catch (error) {
      if (signal.aborted) return;
      console.error(`${source.functionKey} failed, its messages come back later: ${errorText(error)}`);
      await sleep(1000, undefined, { signal }).catch(() => {});
    }
  }
}

/** Waits for a message, then receives more while there are any, up to the batch size. */
async function gather(sqs: SqsCall, queueUrl: string, { batchSize }: EventSource): Promise<Message[]> {
  const messages = await receive(sqs, queueUrl, Math.min(batchSize, MESSAGES_PER_CALL), LONG_POLL_SECONDS);
  for (let last = messages; last.length === MESSAGES_PER_CALL && messages.length < batchSize; messages.push(...last)) {
    last = await receive(sqs, queueUrl, Math.min(batchSize - messages.length, MESSAGES_PER_CALL), 0);
  }
  return messages;
}

const Message = v.object({
  MessageId: v.string(),
  ReceiptHandle: v.string(),
  Body: v.string(),
  MD5OfBody: v.string(),
  Attributes: v.record(v.string(), v.string()),
  MessageAttributes: v.optional(
    v.record(
      v.string(),
      v.object({ DataType: v.string(), StringValue: v.optional(v.string()), BinaryValue: v.optional(v.string()) }),
    ),
    {},
  ),
});
type Message = v.InferOutput<typeof Message>;

const Received = v.object({ Messages: v.optional(v.array(Message), []) });

async function receive(sqs: SqsCall, queueUrl: string, count: number, waitSeconds: number): Promise<Message[]> {
  const answer = await sqs('ReceiveMessage', {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: count,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return v.parse(Received, answer).Messages;
}

const toRecord = (message: Message, queue: Queue) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes,
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue },
    ]),
  ),
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
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}

async function deleteMessages(sqs: SqsCall, queueUrl: string, messages: readonly Message[]): Promise<void> {
  const calls = chunksOf(messages).map((chunk) => {
    const entries = chunk.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    return sqs('DeleteMessageBatch', { QueueUrl: queueUrl, Entries: entries });
  });
  await Promise.all(calls);
}
