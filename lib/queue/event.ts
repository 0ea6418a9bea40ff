import * as v from 'valibot';

/** A message as Lambda hands it over; the body may be anything. */
export type QueueMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: unknown;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
  /** When it was sent, in milliseconds since 1970; missing where the event does not tell. */
  readonly sentMs?: number;
};

/** SQS writes its numbers as strings. In a hand-made event there may be none. */
const Received = v.object({ ApproximateReceiveCount: v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/)) });
const Sent = v.object({ SentTimestamp: v.pipe(v.string(), v.regex(/^\d{13}$/)) });

const SqsEvent = v.object(
  {
    Records: v.array(
      v.object(
        {
          messageId: v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty')),
          receiptHandle: v.optional(v.string('must be a string'), ''),
          body: v.optional(v.unknown()),
          attributes: v.optional(v.unknown()),
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
  const parsed = v.safeParse(SqsEvent, event, { abortEarly: true });
  if (parsed.success) return parsed.output.Records.map(toMessage);
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'the event';
  const rule = issue.received === 'undefined' ? 'is missing' : issue.message;
  throw new Error(`This is not an event of an SQS queue: ${field} ${rule}`);
}

function toMessage({ messageId, receiptHandle, body, attributes }: v.InferOutput<typeof SqsEvent>['Records'][number]) {
  const receiveCount = v.is(Received, attributes) ? Number(attributes.ApproximateReceiveCount) : 1;
  const sent = v.is(Sent, attributes) ? { sentMs: Number(attributes.SentTimestamp) } : undefined;
  return { messageId, receiptHandle, body, receiveCount, ...sent };
}
