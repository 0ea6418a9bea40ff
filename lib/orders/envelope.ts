import * as v from 'valibot';
import { type Rejected, reject } from './rejection.ts';

/** A JSON value, and the name of its place for a rejection: `body`, or the field of an envelope. */
export type Content = { readonly ok: true; readonly field: string; readonly json: unknown };

export function readJson(text: string, field: string): Content | Rejected {
  try {
    return { ok: true, field, json: JSON.parse(text) };
  } catch {
    // The parser's own message quotes the text, which may contain personal data.
    return reject(
      field,
      text.startsWith('\ufeff') ? 'must be JSON without a byte order mark (U+FEFF)' : 'must be JSON',
    );
  }
}

/** SNS wraps messages like this, unless the subscription uses raw message delivery. */
const Notification = v.object({ Type: v.literal('Notification'), TopicArn: v.string(), Message: v.string() });

/** An EventBridge rule wraps messages like this, unless its target has an input path. */
const Event = v.object({ 'detail-type': v.string(), detail: v.unknown() });

const recordsOf = (source: string) => {
  const names = [v.object({ eventSource: v.literal(source) }), v.object({ EventSource: v.literal(source) })];
  return v.object({ Records: v.looseTuple([v.union(names)]) });
};

/** Other things that end up in a queue by mistake, with the names that people know them by. */
const OTHERS: readonly (readonly [name: string, schema: v.GenericSchema])[] = [
  ['an S3 event notification', recordsOf('aws:s3')],
  ['a test event of S3', v.object({ Service: v.literal('Amazon S3'), Event: v.literal('s3:TestEvent') })],
  ['an event with SQS records', recordsOf('aws:sqs')],
  ['an event with SNS records', recordsOf('aws:sns')],
  ['an event with Kinesis records', recordsOf('aws:kinesis')],
  ['an event with DynamoDB records', recordsOf('aws:dynamodb')],
  [
    'an SNS confirmation',
    v.object({ Type: v.picklist(['SubscriptionConfirmation', 'UnsubscribeConfirmation']), TopicArn: v.string() }),
  ],
  [
    'an event of an AWS service',
    v.object({ source: v.pipe(v.string(), v.startsWith('aws.')), 'detail-type': v.string() }),
  ],
  ['a CloudEvent', v.object({ specversion: v.string(), type: v.string(), source: v.string() })],
  ['a Lambda destination record', v.object({ requestContext: v.unknown(), requestPayload: v.unknown() })],
  ['an API Gateway request', v.object({ requestContext: v.unknown(), body: v.unknown() })],
];

const WithOrderId = v.object({ order_id: v.unknown() });

/** An EventBridge event may come through SNS. The limit keeps deeply nested messages from blocking a worker. */
const MOST_ENVELOPES = 2;

/**
 * Unwraps an SNS notification, an EventBridge event, or one inside the other. An object with an `order_id` is an order,
 * never an envelope.
 *
 * @returns the content of the innermost envelope, the same object if there is no envelope, or why there can be no order
 */
export function openEnvelopes(content: Content): Content | Rejected {
  let opened = content;
  for (let envelopes = 0; envelopes < MOST_ENVELOPES; envelopes++) {
    const { field, json } = opened;
    if (v.is(WithOrderId, json)) break;
    const other = OTHERS.find(([, schema]) => v.is(schema, json));
    if (other) return reject(field, `must be an order, not ${other[0]}`);
    if (v.is(Notification, json)) {
      const message = readJson(json.Message, 'Message');
      if (!message.ok) return message;
      opened = message;
    } else if (v.is(Event, json)) {
      opened = { ok: true, field: 'detail', json: json.detail };
    } else break;
  }
  return opened;
}
