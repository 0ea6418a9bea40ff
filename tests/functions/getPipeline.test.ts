import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { listen } from '../support/listen.ts';
import { loadReplay } from '../support/loadReplay.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type Ask, getEvent, loadReadFunction } from '../support/readFunction.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

const [server, sqs] = await Promise.all([startRedisServer(), startFauxqs({ port: 0, logger: false })]);
const redis = new Redis(server.url);
vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');

const sqsPort = Number(new URL(sqs.address).port);
const queueUrl = sqs.createQueue('orders-queue').queueUrl;
const deadLetterQueueUrl = sqs.createQueue('orders-queue-dlq').queueUrl;
const environment = {
  REDIS_URL: server.url,
  QUEUE_URL: queueUrl,
  DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
  AWS_ENDPOINT_URL: sqs.address,
  POWERTOOLS_LOG_LEVEL: 'ERROR',
};
const client = new SQSClient({
  endpoint: sqs.address,
  useQueueUrlAsEndpoint: false,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const send = (QueueUrl: string) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a message' }));

const load = (changes: Readonly<Record<string, string>> = {}) =>
  loadReadFunction(() => import('../../functions/getPipeline.ts'), { ...environment, ...changes });
const ask = await load();

/** What the function logged at the last request. */
let log = '';

/** What GET /pipeline answers to as many requests at once. */
async function pipelines(from: Ask, requests: number): Promise<Record<string, unknown>[]> {
  const output = captureOutput();
  const asking = Promise.all(Array.from({ length: requests }, () => from(getEvent(null))));
  const responses = await asking.finally(output.restore);
  log = output.text();
  return responses.map(({ statusCode, body }) => {
    expect(statusCode).toBe(200);
    return JSON.parse(body);
  });
}

/** What GET /pipeline answers. */
async function pipeline(from: Ask = ask): Promise<Record<string, unknown>> {
  const [answer = {}] = await pipelines(from, 1);
  return answer;
}

const count = await loadWorker(environment);

/** Delivers messages as one batch, as they are received for the nth time. */
async function deliver(bodies: readonly string[], nth = 1): Promise<void> {
  const Records = bodies.map((body, n) => ({
    messageId: `m${n}`,
    receiptHandle: `r${n}`,
    body,
    attributes: { ApproximateReceiveCount: `${nth}` },
  }));
  const output = captureOutput();
  await count({ Records }).finally(output.restore);
}

/** A server that takes connections and never answers. */
async function startSilentServer() {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
  return {
    port: await listen(silent),
    connections: () => sockets.length,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => silent.close(() => resolve()));
    },
  };
}

const CORRUPT = /"CorruptKeyError".*global:messages has an unexpected value/;

const NONE = {
  counted: 0,
  revised: 0,
  duplicates: 0,
  superseded: 0,
  conflicts: 0,
  unknown: 0,
  invalid: 0,
  retried: 0,
  restored: 0,
};

const NO_REASONS = { invalid: 0, conflict: 0, unknown: 0, late: 0, not_known: 0 };

beforeEach(async () => {
  await redis.flushall();
  for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) await client.send(new PurgeQueueCommand({ QueueUrl }));
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), sqs.stop()]);
  vi.unstubAllEnvs();
});

it('zeros, and no time of a last count, before the first message', async () => {
  expect(await pipeline()).toEqual({
    messages: NONE,
    rate: 0,
    queue: { waiting: 0, in_flight: 0, delayed: 0 },
    dead_letters: { waiting: 0, last_hour: 0, oldest_seconds: null, reasons: NO_REASONS },
    last_count: null,
    replayed_until: null,
    restored_at: null,
  });
});

it('while only ages change the answer is 304', async () => {
  await deliver([orderBody()]);
  const second = Math.floor(Date.now() / 1000);
  // As long after the last order, its minute is over.
  await redis.hset('global:messages', 'last_counted', second - 600);
  const { headers = {} } = await ask(getEvent(null));
  const again = () => ask({ ...getEvent(null), headers: { 'If-None-Match': `${headers.ETag}` } });
  await vi.waitUntil(() => Math.floor(Date.now() / 1000) > second + 1, { timeout: 5000 });
  expect(await again()).toMatchObject({ statusCode: 304, body: '' });
  await send(queueUrl);
  expect(await again()).toMatchObject({ statusCode: 200, body: expect.stringContaining('"waiting":1') });
});

it('the number of deliveries per result', async () => {
  const later = orderBody({ order_id: 'NEW', order_version: 3, order_timestamp: new Date().toISOString() });
  const old = orderBody({ order_id: 'OLD', order_version: 2, order_timestamp: '2020-01-01T00:00:00Z' });
  await deliver([orderBody(), orderBody({ order_id: 'ORD2' }), 'no JSON']);
  await deliver([orderBody(), orderBody({ user_id: 'U9' }), 'no JSON', '{}'], 2);
  await deliver([orderBody({ order_version: 2, order_status: 'cancelled' }), orderBody(), later, old]);
  expect((await pipeline()).messages).toEqual({
    counted: 3,
    revised: 1,
    duplicates: 1,
    superseded: 1,
    conflicts: 1,
    unknown: 1,
    invalid: 3,
    retried: 4,
    restored: 0,
  });
});

it('the time of the last counted order, which a duplicate does not change', async () => {
  await deliver([orderBody()]);
  const counted = Number(await redis.hget('global:messages', 'last_counted'));
  expect(Math.abs(counted - Date.now() / 1000)).toBeLessThan(5);
  await redis.hset('global:messages', 'last_counted', counted - 60);
  await deliver([orderBody()]);
  const { last_count } = await pipeline();
  expect(last_count).toEqual({
    at: new Date((counted - 60) * 1000).toISOString(),
    age_seconds: expect.toSatisfy((age: number) => age >= 60 && age < 70),
  });
});

it('how many orders were counted per second, and when a replay last restored one', async () => {
  const now = Math.floor(Date.now() / 1000);
  const lastMinute = now - (now % 60) - 1;
  await redis.hset('global:messages', {
    last_counted: lastMinute,
    counted_that_minute: 90,
    counted_minute_before: 600,
  });
  await redis.hset('global:messages', { last_restored: 1_764_000_000 });
  // The minute may end while this runs.
  expect(await pipeline()).toMatchObject({
    rate: expect.toSatisfy((rate: number) => [1.5, 0].includes(rate)),
    restored_at: '2025-11-24T16:00:00.000Z',
  });
});

it('the number of messages in both queues', async () => {
  await send(queueUrl);
  await send(queueUrl);
  await send(deadLetterQueueUrl);
  expect(await pipeline()).toMatchObject({
    queue: { waiting: 2, in_flight: 0, delayed: 0 },
    dead_letters: { waiting: 1 },
  });
});

it.each([
  ['12', 12],
  ['0', 0],
  ['x12', null],
  ['12x', null],
  ['-1', null],
  ['', null],
])('when SQS counts %j messages the answer is %j', async (messages, waiting) => {
  const sqs = createHttpServer((_, response) => {
    const Attributes = {
      ApproximateNumberOfMessages: messages,
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    };
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify({ Attributes }));
  });
  const from = await load({ AWS_ENDPOINT_URL: `http://127.0.0.1:${await listen(sqs)}` });
  const { queue, dead_letters } = await pipeline(from);
  expect(queue).toEqual(waiting === null ? null : { waiting, in_flight: 0, delayed: 0 });
  expect(dead_letters).toEqual(waiting === null ? null : expect.objectContaining({ waiting }));
  sqs.close();
});

it('dead letters that somebody is reading are counted too', async () => {
  await send(deadLetterQueueUrl);
  await send(deadLetterQueueUrl);
  await client.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl, MaxNumberOfMessages: 1 }));
  await client.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: 'later', DelaySeconds: 900 }));
  expect(await pipeline()).toMatchObject({ dead_letters: { waiting: 3 } });
});

const sendDeadLetters = (number: number) => Promise.all(Array.from({ length: number }, () => send(deadLetterQueueUrl)));

it('why messages are in the dead-letter queue: those that failed at their last receive, once each', async () => {
  const old = orderBody({ order_id: 'OLD', order_version: 2, order_timestamp: '2020-01-01T00:00:00Z' });
  await redis.set('user:U7', 'corrupt');
  const late = orderBody({ order_id: 'LATE', user_id: 'U7' });
  await deliver([orderBody()]);
  for (let nth = 1; nth <= 8; nth++) {
    await deliver(['no JSON', '{}', orderBody({ user_id: 'U9' }), old, late, orderBody()], nth);
  }
  await sendDeadLetters(5);
  expect((await pipeline()).dead_letters).toEqual({
    waiting: 5,
    last_hour: 5,
    oldest_seconds: expect.toSatisfy((age: number) => age >= 0 && age <= 600),
    reasons: { invalid: 2, conflict: 1, unknown: 1, late: 1, not_known: 0 },
  });
});

/** Records letters as they came this many minutes ago. */
const recordLetters = (minutesAgo: number, reason: string, count: number) => {
  const span = 10 * 60_000;
  const at = Math.floor((Date.now() - minutesAgo * 60_000) / span) * span;
  return redis.hset('global:dead-letters', `${new Date(at).toISOString().slice(0, 16)} ${reason}`, count);
};

it('the newest letters explain the queue, those that nobody recorded have no reason and no age', async () => {
  await recordLetters(30, 'invalid', 2);
  await recordLetters(300, 'late', 4);
  await sendDeadLetters(3);
  expect((await pipeline()).dead_letters).toEqual({
    waiting: 3,
    last_hour: 2,
    oldest_seconds: expect.toSatisfy((age: number) => age >= 300 * 60 && age <= 310 * 60),
    reasons: { ...NO_REASONS, invalid: 2, late: 1 },
  });
  await sendDeadLetters(5);
  expect((await pipeline()).dead_letters).toEqual({
    waiting: 8,
    last_hour: 2,
    oldest_seconds: null,
    reasons: { ...NO_REASONS, invalid: 2, late: 4, not_known: 2 },
  });
});

it('of letters that came together and are only partly left, no reason is guessed', async () => {
  await recordLetters(90, 'invalid', 2);
  await recordLetters(90, 'conflict', 1);
  await sendDeadLetters(2);
  expect((await pipeline()).dead_letters).toMatchObject({
    waiting: 2,
    last_hour: 0,
    oldest_seconds: expect.any(Number),
    reasons: { ...NO_REASONS, not_known: 2 },
  });
});

/** Delivers an invalid message and an order for the last time, while Redis is down. @returns the container, and Redis again */
async function failInOutage() {
  const mortal = await startRedisServer();
  const countInMortal = await loadWorker({ ...environment, REDIS_URL: mortal.url });
  await mortal.stop();
  const deliverLast = async (bodies: readonly string[]) => {
    const output = captureOutput();
    const attributes = { ApproximateReceiveCount: '8' };
    const Records = bodies.map((body, n) => ({ messageId: `m${n}`, receiptHandle: `r${n}`, body, attributes }));
    return countInMortal({ Records }).finally(output.restore);
  };
  const answer = await deliverLast(['no JSON', orderBody()]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }] });
  const restarted = await startRedisServer({ port: mortal.port });
  await sendDeadLetters(2);
  const askMortal = await load({ REDIS_URL: mortal.url });
  return { restarted, deliverLast, lettersNow: async () => (await pipeline(askMortal)).dead_letters };
}

it('letters of an outage are recorded when Redis is back, each with its own reason', async () => {
  const { restarted, deliverLast, lettersNow } = await failInOutage();
  for (let n = 0; n < 2; n++) await deliverLast([orderBody({ order_id: `ORD${n}` })]);
  expect(await lettersNow()).toEqual({
    waiting: 2,
    last_hour: 2,
    oldest_seconds: expect.any(Number),
    reasons: { ...NO_REASONS, invalid: 1, late: 1 },
  });
  await restarted.stop();
});

it('letters of an outage stay unexplained if their container has ended', async () => {
  const { restarted, lettersNow } = await failInOutage();
  expect(await lettersNow()).toEqual({
    waiting: 2,
    last_hour: 0,
    oldest_seconds: null,
    reasons: { ...NO_REASONS, not_known: 2 },
  });
  await restarted.stop();
});

it('what Redis takes is recorded once, although it refuses another reason', async () => {
  await recordLetters(0, 'invalid', 1);
  const [field = ''] = await redis.hkeys('global:dead-letters');
  await redis.hset('global:dead-letters', field, 'x');
  await redis.set('user:U7', 'corrupt');
  const late = orderBody({ order_id: 'LATE', user_id: 'U7' });
  await deliver(['no JSON', late], 8);
  await deliver(['no JSON'], 8);
  expect(Object.values(await redis.hgetall('global:dead-letters')).toSorted()).toEqual(['1', 'x']);
  await redis.hdel('global:dead-letters', field);
  await deliver(['no JSON'], 8);
  expect(Object.values(await redis.hgetall('global:dead-letters')).toSorted()).toEqual(['1', '3']);
});

it('letters older than 14 days are forgotten with the next one', async () => {
  await recordLetters(14 * 24 * 60 + 20, 'late', 5);
  await recordLetters(14 * 24 * 60 - 20, 'late', 3);
  await deliver(['no JSON'], 8);
  expect(Object.values(await redis.hgetall('global:dead-letters')).toSorted()).toEqual(['1', '3']);
});

it.each([
  ['soon', '1'],
  ['2026-11-30T08:50 late', 'x'],
  ['2026-13-30T08:50 late', '1'],
  ['2026-11-30T08:50 other', '1'],
])('no reasons where their key has the field %j with %j, but the rest', async (field, value) => {
  await redis.hset('global:dead-letters', field, value);
  await sendDeadLetters(1);
  expect(await pipeline()).toMatchObject({
    messages: NONE,
    dead_letters: { waiting: 1, last_hour: null, oldest_seconds: null, reasons: null },
  });
  expect(log).toMatch(/"CorruptKeyError".*global:dead-letters has an unexpected value/);
});

it('null for what Redis knows while it is down', async () => {
  const mortal = await startRedisServer();
  const ofMortal = await load({ REDIS_URL: mortal.url });
  expect(await pipeline(ofMortal)).toMatchObject({ messages: NONE });
  await mortal.stop();
  await send(queueUrl);
  expect(await pipeline(ofMortal)).toMatchObject({ messages: null, queue: { waiting: 1 }, last_count: null });
  const restarted = await startRedisServer({ port: mortal.port });
  expect(await pipeline(ofMortal)).toMatchObject({ messages: NONE, queue: { waiting: 1 } });
  await restarted.stop();
});

it('the time of the checkpoint after a replay, and null for what Redis knows when that is corrupt', async () => {
  sqs.createBucket('orders-archive');
  const replay = await loadReplay({ ...environment, ARCHIVE_BUCKET: 'orders-archive' });
  const output = captureOutput();
  await replay().finally(output.restore);
  const { replayed_until } = await pipeline();
  expect(replayed_until).toBe(new Date(Number(await redis.hget('global:checkpoint', 'until'))).toISOString());
  const minutesAgo = (Date.now() - Date.parse(String(replayed_until))) / 60_000;
  expect(Math.round(minutesAgo)).toBe(5);
  await redis.hset('global:checkpoint', 'until', 'yesterday');
  expect(await pipeline()).toMatchObject({ messages: null, queue: { waiting: 0 }, replayed_until: null });
  expect(log).toMatch(/"CorruptKeyError".*global:checkpoint has an unexpected value/);
});

it('null for what Redis knows while it hangs, but the depth of the queues', async () => {
  await send(queueUrl);
  process.kill(server.pid, 'SIGSTOP');
  const answer = await pipeline().finally(() => process.kill(server.pid, 'SIGCONT'));
  expect(log).toMatch(/"Redis could not be read".*"Redis took longer than 900 ms"/);
  expect(answer).toMatchObject({
    messages: null,
    queue: { waiting: 1 },
    dead_letters: { waiting: 0 },
    last_count: null,
  });
  expect(await pipeline()).toMatchObject({ messages: NONE });
});

it('null for messages when their key is corrupt; orders still count', async () => {
  await redis.set('global:messages', 'text');
  await deliver([orderBody(), 'no JSON']);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
  expect(await pipeline()).toMatchObject({ messages: null, queue: { waiting: 0 }, last_count: null });
  expect(log).toMatch(CORRUPT);
});

it.each(['seven', '1x', 'x1', '-1', '1.5', '', '1'.repeat(16)])(
  'GET /pipeline answers null for messages where a number is %j, and the log names the key',
  async (number) => {
    await redis.hset('global:messages', { counted: 1, retried: number });
    expect(await pipeline()).toMatchObject({ messages: null, queue: { waiting: 0 }, last_count: null });
    expect(log).toMatch(CORRUPT);
  },
);

it('numbers of 15 digits', async () => {
  await redis.hset('global:messages', { counted: '9'.repeat(15) });
  expect((await pipeline()).messages).toEqual({ ...NONE, counted: 999_999_999_999_999 });
});

it('a batch without invalid and retried messages stores no numbers for them', async () => {
  await deliver([orderBody()]);
  expect(Object.keys(await redis.hgetall('global:messages')).toSorted()).toEqual([
    'counted',
    'counted_minute_before',
    'counted_that_minute',
    'last_counted',
  ]);
});

it('null for missing queues, but what Redis knows', async () => {
  const elsewhere = await load({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect(await pipeline(elsewhere)).toMatchObject({ messages: NONE, queue: null, dead_letters: null });
  const noDeadLetters = await load({ DEAD_LETTER_QUEUE_URL: `${queueUrl}-none` });
  expect(await pipeline(noDeadLetters)).toMatchObject({ queue: { waiting: 0 }, dead_letters: null });
});

it('null for the queues while SQS hangs, and their depth at once when it answers again', async () => {
  const proxy = await startTcpProxy(sqsPort);
  const throughProxy = await load({ AWS_ENDPOINT_URL: `http://127.0.0.1:${proxy.port}` });
  expect(await pipeline(throughProxy)).toMatchObject({ queue: { waiting: 0 } });
  const silent = await startSilentServer();
  proxy.leadTo(silent.port);
  proxy.lose('silent');
  // More requests than the SDK has connections.
  for (const answer of await pipelines(throughProxy, 30))
    expect(answer).toMatchObject({ messages: NONE, queue: null, dead_letters: null });
  expect(log).toContain('SQS did not answer within 800 ms');

  proxy.leadTo(sqsPort);
  expect(await pipeline(throughProxy)).toMatchObject({ queue: { waiting: 0 }, dead_letters: { waiting: 0 } });
  await Promise.all([proxy.stop(), silent.stop()]);
});

it('null for everything within a second while Redis and SQS hang', async () => {
  const silent = await startSilentServer();
  const nowhere = await load({
    REDIS_URL: `redis://127.0.0.1:${silent.port}`,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${silent.port}`,
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let answer: unknown;
  pipeline(nowhere).then((body) => {
    answer = body;
  });
  // Once Redis and both queues have been asked, only limits end the wait.
  while (silent.connections() < 3) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(999);
  vi.useRealTimers();
  expect(answer).toEqual({
    messages: null,
    rate: null,
    queue: null,
    dead_letters: null,
    last_count: null,
    replayed_until: null,
    restored_at: null,
  });
  await silent.stop();
});

it('without the URLs of the queues the function fails at start with one message', async () => {
  await expect(load({ QUEUE_URL: 'queue', DEAD_LETTER_QUEUE_URL: '' })).rejects.toThrow(
    'A setting is missing or invalid: QUEUE_URL is not a URL; DEAD_LETTER_QUEUE_URL is not a URL. See',
  );
});
