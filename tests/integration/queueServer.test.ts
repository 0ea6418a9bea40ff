import { afterAll, beforeAll, expect, it } from 'vitest';
import { type QueueServer, startQueueServer } from '../../dev/start/queues.ts';

/* How the SQS port of npm start answers clients other than a current AWS SDK. */

let server: QueueServer;
beforeAll(async () => {
  server = await startQueueServer([{ id: 'Orders', name: 'orders-queue', attributes: {}, redrive: undefined }]);
});
afterAll(() => server.stop());

const PATH = '/000000000000/orders-queue';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const SEND = { method: 'POST', headers: FORM, body: 'Action=SendMessage&MessageBody=%7B%7D' };

it.each([
  ['the older protocol of SQS', '/', SEND],
  ['the older protocol at the URL of the queue', PATH, SEND],
  ['the older protocol in a GET', '/?Action=SendMessage&MessageBody=x', {}],
  ['SNS', '/', { ...SEND, body: 'Action=CreateTopic&Name=orders' }],
  ['S3', '/bucket', { method: 'PUT' }],
  ['a request for S3 buckets', '/', {}],
])('%s is refused with the required versions', async (_, path, request) => {
  const response = await fetch(server.endpoint + path, request);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/<Message>Only SQS is here, .* boto3 1\.28\.81, AWS CLI .*<\/Message>/);
  expect(await waiting()).toMatchObject({ Attributes: { ApproximateNumberOfMessages: '0' } });
});

it('JSON posted to the URL of the queue arrives: clients for Ruby and PHP send it there', async () => {
  const response = await fetch(server.endpoint + PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: server.endpoint + PATH, MessageBody: '{}' }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ MessageId: expect.any(String) });
  expect(await waiting()).toMatchObject({ Attributes: { ApproximateNumberOfMessages: '1' } });
});

const waiting = () =>
  server.call('GetQueueAttributes', {
    QueueUrl: server.queues.get('Orders')?.url,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
