import * as v from 'valibot';
import type { OutgoingMessage } from './message.ts';

/** A line that holds a message in its `body`: of an archive of `dlq purge`, or for a body that cannot be a line itself. */
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

/** The JSON object that a text is, or undefined. */
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

/** A message as one line, without its end, that {@link fromLine} reads as the same message. */
export function toLine({ body, kind }: Pick<OutgoingMessage, 'body' | 'kind'>): string {
  // A line break in JSON is between its tokens, where a space is as good.
  const line = body.replace(/[\r\n]+/g, ' ');
  return parseObject(body) && fromLine(line) === line ? line : JSON.stringify({ kind, body });
}
