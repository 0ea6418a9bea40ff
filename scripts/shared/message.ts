import type { GeneratedMessage } from './generator.ts';

/** A message on its way to the queue. */
export type OutgoingMessage = {
  /** Its line in the file, or its place among the generated ones; from 1. */
  readonly number: number;
  readonly body: string;
  /** Length of the body in UTF-8, as SQS counts it. */
  readonly bytes: number;
  /** What the pipeline will make of it; of a line of a file nothing is known. */
  readonly kind: GeneratedMessage['kind'] | 'unknown';
  /** What it adds to the number of orders, and in cents to the revenue, once all messages are through. */
  readonly orders: number;
  readonly cents: number;
};

/** Numbers generated messages. */
export function* toMessages(generated: Iterable<GeneratedMessage>): Generator<OutgoingMessage> {
  let number = 0;
  for (const message of generated) yield { ...message, number: ++number, bytes: Buffer.byteLength(message.body) };
}

/** A number of messages in words. */
export const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`);
