import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { sqsClient } from '../../scripts/shared/sqs.ts';
import { eventBridgeEvent } from '../support/envelopes.ts';
import { type Deliver, loadWorker } from '../support/loadWorker.ts';
import { exampleOrder, orderBody } from '../support/orderMessage.ts';
import { sns } from '../support/producers.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { sqsRecord } from '../support/sqsEvent.ts';

/* Orders from an SNS topic, delivered by an emulator. */

let emulator: FauxqsServer;
let sqs: SQSClient;
let server: RedisServer;
let redis: Redis;
let deliver: Deliver;

beforeAll(async () => {
  emulator = await startFauxqs({ port: 0, logger: false });
  sqs = sqsClient({ endpoint: emulator.address });
  server = await startRedisServer();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  emulator.purgeAll();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  sqs.destroy();
  await Promise.all([emulator.stop(), server.stop()]);
});

const workerOf = (queueUrl: string, environment = {}): Promise<Deliver> =>
  loadWorker({ REDIS_URL: server.url, QUEUE_URL: queueUrl, AWS_ENDPOINT_URL: emulator.address, ...environment });

/** Publishes messages to a topic. The worker gets what arrives in the topic's queue. */
async function throughTopic(messages: readonly string[], attributes: Record<string, string> = {}): Promise<unknown> {
  const { queueUrl, queueArn } = emulator.createQueue('orders-queue');
  const { topicArn } = emulator.createTopic('shop-orders');
  emulator.subscribe({ topic: 'shop-orders', queue: 'orders-queue', attributes });
  for (const Message of messages) await sns(emulator.address, 'Publish', { TopicArn: topicArn, Message });
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
  );
  expect(Messages).toHaveLength(messages.length);
  deliver = await workerOf(queueUrl);
  return deliver({ Records: Messages.map((message) => sqsRecord(message, queueArn)) });
}

const allDone = { batchItemFailures: [] };
const totals = () => redis.hmget('global:stats', 'total_orders', 'total_revenue');

it.each([
  ['in a notification', {}],
  ['with raw message delivery', { RawMessageDelivery: 'true' }],
])('an order from a topic, %s, counts once', async (_, attributes) => {
  const order = orderBody({ order_id: 'A' });
  expect(await throughTopic([order, orderBody({ order_id: 'B' }), order], attributes)).toEqual(allDone);
  expect(await totals()).toEqual(['2', '199.98']);
  // Sent directly now, it is still the same order.
  expect(await deliver({ Records: messagesOf([order]) })).toEqual(allDone);
  expect(await totals()).toEqual(['2', '199.98']);
});

it('an EventBridge event from a topic counts once', async () => {
  expect(await throughTopic([eventBridgeEvent(exampleOrder), orderBody()])).toEqual(allDone);
  expect(await totals()).toEqual(['1', '99.99']);
});

it('invalid messages from a topic do not count', async () => {
  const response = await throughTopic(['Hello', orderBody({ currency: 'EUR' }), orderBody({ order_id: 'B' })]);
  expect(response).toMatchObject({ batchItemFailures: [{}, {}] });
  expect(await totals()).toEqual(['1', '99.99']);
  expect(await redis.hget('global:messages', 'invalid')).toBe('2');
});

it('the worker counts in the currency of its stage', async () => {
  const inEuros = await workerOf(emulator.createQueue('orders-queue').queueUrl, { CURRENCY: 'EUR' });
  const orders = [orderBody({ order_id: 'A', currency: 'EUR' }), orderBody({ order_id: 'B' })];
  expect(await inEuros({ Records: messagesOf(orders) })).toEqual(allDone);
  expect(await totals()).toEqual(['2', '199.98']);
});
