import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventBridgeEvent, snsNotification } from '../../tests/support/envelopes.ts';
import { exampleOrder, orderBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

it.each([
  ['an SNS notification', snsNotification(orderBody())],
  ['an EventBridge event', eventBridgeEvent(exampleOrder)],
  ['an EventBridge event in an SNS notification', snsNotification(eventBridgeEvent(exampleOrder))],
  ['an SNS notification in an EventBridge event', eventBridgeEvent(JSON.parse(snsNotification(orderBody())))],
])('an order in %s is unwrapped', (_, body) => {
  expect(orderOf(body)).toEqual(orderOf(orderBody()));
});

it('a cancelled order in an envelope is unwrapped', () => {
  const changes = { order_status: 'cancelled', order_version: 2 };
  expect(orderOf(snsNotification(orderBody(changes)))).toEqual(orderOf(orderBody(changes)));
});

it.each([
  ['order_id is required', snsNotification(orderBody({ order_id: undefined }))],
  ['user_id is required', eventBridgeEvent({ ...exampleOrder, user_id: undefined })],
  ['currency is EUR; this stage counts USD', eventBridgeEvent({ ...exampleOrder, currency: 'EUR' })],
  ['Message must be JSON', snsNotification('Order ORD1234 was placed')],
  ['Message must be JSON without a byte order mark (U+FEFF)', snsNotification(`\ufeff${orderBody()}`)],
  [
    'Message must be a JSON object, not a string that holds JSON: it was encoded twice',
    snsNotification(JSON.stringify(orderBody())),
  ],
  ['detail must be a JSON object, not a string that holds JSON: it was encoded twice', eventBridgeEvent(orderBody())],
  ['detail must be a JSON object, not null', eventBridgeEvent(null)],
])('the content of an envelope must follow the rules of orders: %s', (reason, body) => {
  expect(rejectionOf(body)).toBe(reason);
});

it('a third envelope is not opened', () => {
  expect(rejectionOf(snsNotification(snsNotification(snsNotification(orderBody()))))).toBe('order_id is required');
});

const records = (fields: object) => JSON.stringify({ Records: [{ eventVersion: '2.1', ...fields }, {}] });

it.each([
  ['an S3 event notification', records({ eventSource: 'aws:s3', s3: { bucket: { name: 'b' }, object: { key: 'k' } } })],
  ['a test event of S3', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' })],
  ['an event with SQS records', records({ eventSource: 'aws:sqs', body: orderBody() })],
  ['an event with SNS records', records({ EventSource: 'aws:sns', Sns: { Message: orderBody() } })],
  ['an event with Kinesis records', records({ eventSource: 'aws:kinesis', kinesis: { data: '' } })],
  ['an event with DynamoDB records', records({ eventSource: 'aws:dynamodb', dynamodb: {} })],
  [
    'an SNS confirmation',
    JSON.stringify({
      Type: 'SubscriptionConfirmation',
      TopicArn: 'arn:aws:sns:us-east-1:1:t',
      Token: 't',
      Message: '',
    }),
  ],
  ['an event of an AWS service', eventBridgeEvent({ bucket: { name: 'b' } }, 'aws.s3')],
  ['a CloudEvent', JSON.stringify({ specversion: '1.0', id: '1', source: '/shop', type: 'order', data: exampleOrder })],
  [
    'a Lambda destination record',
    JSON.stringify({ version: '1.0', requestContext: {}, requestPayload: {}, responsePayload: exampleOrder }),
  ],
  ['an API Gateway request', JSON.stringify({ requestContext: {}, headers: {}, body: orderBody() })],
])('a rejection names what came instead of an order, even inside an envelope: %s', (name, body) => {
  expect(rejectionOf(body)).toBe(`body must be an order, not ${name}`);
  expect(rejectionOf(snsNotification(body))).toBe(`Message must be an order, not ${name}`);
});

it('an object with an order_id is an order, whatever other fields it has', () => {
  const envelope = {
    Type: 'Notification',
    TopicArn: 'x',
    Message: orderBody(),
    'detail-type': 'x',
    detail: exampleOrder,
  };
  const order = { ...exampleOrder, ...envelope };
  expect(orderOf(JSON.stringify(order))).toEqual(orderOf(orderBody()));
  expect(rejectionOf(JSON.stringify({ ...order, user_id: undefined }))).toBe('user_id is required');
});

it('any order has the same result with and without an envelope', () => {
  const fields = fc.record(
    { order_id: fc.oneof(fc.constant('A'), fc.jsonValue()), user_id: fc.constantFrom('U1', ''), note: fc.jsonValue() },
    { requiredKeys: ['order_id'] },
  );
  fc.assert(
    fc.property(fields, (changes) => {
      const order = { ...exampleOrder, ...changes };
      const reason = rejectionOf(JSON.stringify(order));
      for (const body of [snsNotification(JSON.stringify(order)), eventBridgeEvent(order)]) {
        expect(rejectionOf(body)).toBe(reason);
        if (reason === 'accepted') expect(orderOf(body)).toEqual(orderOf(JSON.stringify(order)));
      }
    }),
  );
});
