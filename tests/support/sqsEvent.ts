import {
  ChangeMessageVisibilityCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import * as v from 'valibot';
import { vi } from 'vitest';

const Response = v.strictObject({ batchItemFailures: v.array(v.strictObject({ itemIdentifier: v.string() })) });
const Bodies = v.object({ Records: v.array(v.object({ body: v.string() })) });

/** The message ids that a function reports as failed. */
export const failedIds = (response: unknown): string[] =>
  v.parse(Response, response).batchItemFailures.map((failure) => failure.itemIdentifier);

/** The message bodies of an SQS event. */
export const bodiesOf = (event: unknown): string[] => v.parse(Bodies, event).Records.map(({ body }) => body);

/** The record of an SQS event that the event source mapping makes from a received message. */
export function sqsRecord(message: Message, eventSourceARN: string) {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: { ...message.Attributes },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: 'us-east-1',
  };
}

/** A queue of an SQS emulator in this process. */
export type TestQueue = {
  /** Environment variables with which a function finds the queue. */
  readonly environment: { readonly QUEUE_URL: string; readonly AWS_ENDPOINT_URL: string };
  /** Sends messages. @returns their ids */
  send(bodies: readonly string[]): Promise<string[]>;
  /** Receives all visible messages as one event, in the order in which they were sent. */
  receive(): Promise<{ Records: ReturnType<typeof sqsRecord>[] }>;
  /** Makes received messages visible again, as if their visibility timeout had ended. */
  expireVisibility(event: { Records: readonly { receiptHandle: string }[] }): Promise<void>;
  /** Seconds until the received messages are visible again, rounded. */
  pauses(): number[];
  clear(): void;
  stop(): Promise<void>;
};

/** Starts an SQS emulator with a queue whose messages stay invisible for longer than a test takes. */
export async function startQueue(): Promise<TestQueue> {
  const server = await startFauxqs({ port: 0, logger: false });
  const { queueUrl, queueArn } = server.createQueue('orders-queue', { attributes: { VisibilityTimeout: '3600' } });
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
  const sqs = new SQSClient({
    endpoint: server.address,
    useQueueUrlAsEndpoint: false,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const sent: string[] = [];

  return {
    environment: { QUEUE_URL: queueUrl, AWS_ENDPOINT_URL: server.address },
    async send(bodies) {
      const ids: string[] = [];
      for (let start = 0; start < bodies.length; start += 10) {
        const Entries = bodies.slice(start, start + 10).map((body, n) => ({ Id: `${n}`, MessageBody: body }));
        const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        ids.push(...Successful.map(({ MessageId }) => MessageId ?? ''));
      }
      sent.push(...ids);
      return ids;
    },
    async receive() {
      const received: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) break;
        received.push(...Messages);
      }
      const records = received.map((message) => sqsRecord(message, queueArn));
      return { Records: records.sort((a, b) => sent.indexOf(a.messageId) - sent.indexOf(b.messageId)) };
    },
    async expireVisibility({ Records }) {
      for (const { receiptHandle } of Records) {
        await sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: 0,
          }),
        );
      }
    },
    pauses() {
      const inflight = server.inspectQueue('orders-queue')?.messages.inflight ?? [];
      return inflight.map(({ visibilityDeadline }) => Math.round((visibilityDeadline - Date.now()) / 1000));
    },
    clear: () => server.reset(),
    async stop() {
      sqs.destroy();
      await server.stop();
    },
  };
}
