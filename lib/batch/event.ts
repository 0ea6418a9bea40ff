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

/** SQS writes numbers as strings. A hand-made event may lack them. */
const Received = v.object({ ApproximateReceiveCount: v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/)) });
const Sent = v.object({ SentTimestamp: v.pipe(v.string(), v.regex(/^\d{13}$/)) });

/** How often a message was received, including this time; 1 if the event does not say. */
export const receiveCountOf = ({ attributes }: QueueMessage): number =>
  v.is(Received, attributes) ? Number(attributes.ApproximateReceiveCount) : 1;

/** When a message was sent, in milliseconds since 1970; undefined if the event does not say. */
export const sentMsOf = ({ attributes }: QueueMessage): number | undefined =>
  v.is(Sent, attributes) ? Number(attributes.SentTimestamp) : undefined;

/**
 * Message attribute (String `true`) with which a person accepts a later version of a forgotten order.
 * `dlq redrive --accept-unknown` adds it.
 */
export const ACCEPT_UNKNOWN = 'accept_unknown_version';

const Accepted = v.object({ [ACCEPT_UNKNOWN]: v.object({ stringValue: v.literal('true') }) });

/** Whether a person accepted the order of a message, see {@link ACCEPT_UNKNOWN}. */
export const isAccepted = ({ messageAttributes }: QueueMessage): boolean => v.is(Accepted, messageAttributes);
