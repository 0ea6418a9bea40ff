import * as v from 'valibot';
import type { GeneratedMessage } from './generator.ts';

/** A message on its way to the queue. */
export type OutgoingMessage = {
  /** Its line in the file, or its place among the generated ones; from 1. */
  readonly number: number;
  readonly body: string;
  /** Length of the body in UTF-8, as SQS counts it. */
  readonly bytes: number;
  /** What the pipeline will make of it: unknown for a line of a file. */
  readonly kind: GeneratedMessage['kind'] | 'unknown';
  /** What it adds to the number of orders, and in cents to the revenue, once all messages are counted. */
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

/** A line that holds a message in its `body`: from a file of `dlq purge`, or a body that cannot be a line itself. */
const Wrapped = v.strictObject({
  messageId: v.optional(v.string()),
  sentAt: v.optional(v.string()),
  orderId: v.nullish(v.string()),
  kind: v.string(),
  reason: v.optional(v.string()),
  attributes: v.optional(v.unknown()),
  messageAttributes: v.optional(v.unknown()),
  body: v.string(),
});

/** The JSON object in a text; undefined where the text is anything else. */
export function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The message on a line of a file; undefined where the line is no JSON object. */
export function fromLine(line: string): string | undefined {
  const value = parseObject(line);
  return value && (v.is(Wrapped, value) ? value.body : line);
}

/** A message as one line, without a line break, that {@link fromLine} reads as the same message. */
export function toLine({ body, kind }: Pick<OutgoingMessage, 'body' | 'kind'>): string {
  // A line break in JSON is between its tokens, where a space is as good.
  const line = body.replace(/[\r\n]+/g, ' ');
  return parseObject(body) && fromLine(line) === line ? line : JSON.stringify({ kind, body });
}
