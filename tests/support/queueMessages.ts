import type { QueueMessage } from '../../lib/batch/event.ts';

/** A message as a worker gets it for the first time. */
export const messageOf = (n: number, body: string): QueueMessage => ({
  messageId: `m${n}`,
  receiptHandle: `r${n}`,
  body,
});

/** The messages of a batch: m0, m1 and so on. */
export const messagesOf = (bodies: readonly string[]): QueueMessage[] => bodies.map((body, n) => messageOf(n, body));
