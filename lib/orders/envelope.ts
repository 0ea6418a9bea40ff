import * as v from 'valibot';
import { type Rejected, reject } from './rejection.ts';

/** A JSON value, and what a rejection calls the place where it stands: `body`, or the field of an envelope. */
export type Content = { readonly ok: true; readonly field: string; readonly json: unknown };

/** Reads a text as JSON. */
export function readJson(text: string, field: string): Content | Rejected {
  try {
    return { ok: true, field, json: JSON.parse(text) };
  } catch {
    // The parser's own message quotes the text, which may hold an address.
    return reject(
      field,
      text.startsWith('\ufeff') ? 'must be JSON without a byte order mark (U+FEFF)' : 'must be JSON',
    );
  }
}

/** What SNS puts into a queue, unless the subscription has raw message delivery. */
const Notification = v.object({ Type: v.literal('Notification'), TopicArn: v.string(), Message: v.string() });

/** What a rule of EventBridge puts into a queue, unless its target has an input path. */
const Event = v.object({ 'detail-type': v.string(), detail: v.unknown() });

const recordsOf = (source: string) => {
  const names = [v.object({ eventSource: v.literal(source) }), v.object({ EventSource: v.literal(source) })];
  return v.object({ Records: v.looseTuple([v.union(names)]) });
};

/** What else AWS and others wrap, or send by themselves, and what people call it. */
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

/** An EventBridge event may come through SNS. Without a limit a small message could keep a worker busy for long. */
const MOST_ENVELOPES = 2;

/**
 * Opens what an order may come in: an SNS notification, an EventBridge event, or one inside the other. What has an
 * `order_id` is an order, never an envelope.
 *
 * @returns what is inside, or itself where it is no envelope; why it can hold no order
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
