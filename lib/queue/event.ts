import * as v from 'valibot';

/** A message as Lambda hands it over; the body may be anything. */
export type QueueMessage = { readonly messageId: string; readonly receiptHandle: string; readonly body: unknown };

const SqsEvent = v.object(
  {
    Records: v.array(
      v.object(
        {
          messageId: v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty')),
          receiptHandle: v.optional(v.string('must be a string'), ''),
          body: v.optional(v.unknown()),
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
  if (parsed.success) return parsed.output.Records.map((record) => ({ ...record, body: record.body }));
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'the event';
  const rule = issue.received === 'undefined' ? 'is missing' : issue.message;
  throw new Error(`This is not an event of an SQS queue: ${field} ${rule}`);
}
