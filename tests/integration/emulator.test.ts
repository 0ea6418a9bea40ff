import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../dev/start/emulator.ts';

/* How the port of SQS and S3 of npm start answers clients other than a current AWS SDK. */

let emulator: Emulator;
beforeAll(async () => {
  const queues = [{ id: 'Orders', name: 'orders-queue', attributes: {}, redrive: undefined }];
  emulator = await startEmulator(queues, 'orders-archive');
});
afterAll(() => emulator.stop());

const PATH = '/000000000000/orders-queue';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const SEND = { method: 'POST', headers: FORM, body: 'Action=SendMessage&MessageBody=%7B%7D' };

it.each([
  ['the older protocol of SQS', '/', SEND],
  ['the older protocol at the URL of the queue', PATH, SEND],
  ['the older protocol in a GET', '/?Action=SendMessage&MessageBody=x', {}],
  ['the older protocol in a GET at the URL of the queue', `${PATH}?Action=SendMessage&MessageBody=x`, {}],
  ['SNS', '/', { ...SEND, body: 'Action=CreateTopic&Name=orders' }],
  ['the older protocol at the URL of the bucket', '/orders-archive', SEND],
  ['another bucket', '/orders-archive-2', { method: 'PUT' }],
  ['an object of another bucket', '/bucket/orders-archive', { method: 'PUT' }],
])('%s is refused with the required versions', async (_, path, request) => {
  const response = await fetch(emulator.endpoint + path, request);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/<Message>Only the archive and SQS are here, .* boto3 1\.28\.81, AWS CLI .*</);
  expect(await waiting()).toMatchObject({ Attributes: { ApproximateNumberOfMessages: '0' } });
});

it('the bucket of the archive is found, takes objects, and lists them', async () => {
  for (const path of ['/', '/?prefix=orders-archive&x-id=ListBuckets']) {
    expect(await (await fetch(emulator.endpoint + path)).text()).toContain('<Name>orders-archive</Name>');
  }
  const bucket = `${emulator.endpoint}/orders-archive`;
  expect(await fetch(`${bucket}/orders/a%3Db`, { method: 'PUT', body: 'content' })).toMatchObject({ status: 200 });
  expect(await (await fetch(`${bucket}/orders/a%3Db`)).text()).toBe('content');
  for (const path of [bucket, `${bucket}/`, `${bucket}?list-type=2`]) {
    expect(await (await fetch(path)).text()).toContain('<Key>orders/a=b</Key>');
  }
});

it('JSON posted to the URL of the queue arrives: clients for Ruby and PHP send it there', async () => {
  const response = await fetch(emulator.endpoint + PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: emulator.endpoint + PATH, MessageBody: '{}' }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ MessageId: expect.any(String) });
  expect(await waiting()).toMatchObject({ Attributes: { ApproximateNumberOfMessages: '1' } });
});

const waiting = () =>
  emulator.call('GetQueueAttributes', {
    QueueUrl: emulator.queues.get('Orders')?.url,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
