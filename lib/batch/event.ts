import * as v from 'valibot';

/** A message of a Lambda event. Its body and attributes are not validated yet. */
export type QueueMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body?: unknown;
  readonly attributes?: unknown;
  readonly messageAttributes?: unknown;
};

const SqsEvent = v.object(
  {
    Records: v.array(
      v.object(
        {
          messageId: v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty')),
          receiptHandle: v.optional(v.string('must be a string'), ''),
          body: v.optional(v.unknown()),
          attributes: v.optional(v.unknown()),
          messageAttributes: v.optional(v.unknown()),
        },
        'must be an object',
      ),
      'must be an array',
    ),
  },
  'must be an object',
);

/**
 * Reads the event of an SQS event source mapping. Without a messageId a failure could not be reported, so such an
 * event is refused as a whole, before anything is counted.
 *
 * @throws an error that names the field
 */
export function parseSqsEvent(event: unknown): QueueMessage[] {
  const parsed = v.safeParse(SqsEvent, event);
  if (parsed.success) return parsed.output.Records;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'the event';
  const rule = issue.received === 'undefined' ? 'is missing' : issue.message;
  throw new Error(`This is not an event of an SQS queue: ${field} ${rule}`);
}

/** SQS writes numbers as strings. A hand-made event may lack them. Every message has them: a schema would take longer. */
const entryOf = (object: unknown, name: string): unknown =>
  typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;

/** How often a message was received, including this time; 1 if the event does not say. */
export const receiveCountOf = ({ attributes }: QueueMessage): number =>
  numberOf(entryOf(attributes, 'ApproximateReceiveCount'), /^[1-9]\d{0,5}$/) ?? 1;

/** When a message was sent, in milliseconds since 1970; undefined if the event does not say. */
export const sentMsOf = ({ attributes }: QueueMessage): number | undefined =>
  numberOf(entryOf(attributes, 'SentTimestamp'), /^\d{13}$/);

const numberOf = (text: unknown, format: RegExp): number | undefined =>
  typeof text === 'string' && format.test(text) ? Number(text) : undefined;

/**
 * Message attribute (String `true`) with which a person accepts a later version of a forgotten order.
 * `dlq redrive --accept-unknown` adds it.
 */
export const ACCEPT_UNKNOWN = 'accept_unknown_version';

/** Whether a person accepted the order of a message, see {@link ACCEPT_UNKNOWN}. */
export const isAccepted = ({ messageAttributes }: QueueMessage): boolean =>
  entryOf(entryOf(messageAttributes, ACCEPT_UNKNOWN), 'stringValue') === 'true';
