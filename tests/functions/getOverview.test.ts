import { createServer, type Socket } from 'node:net';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { Redis } from 'ioredis';
import * as v from 'valibot';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { hourIn, hourName } from '../../lib/orders/calendar.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { listen } from '../support/listen.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type Ask, getEvent, loadReadFunction } from '../support/readFunction.ts';

const [server, sqs] = await Promise.all([startRedisServer(), startFauxqs({ port: 0, logger: false })]);
const redis = new Redis(server.url);
const environment = {
  REDIS_URL: server.url,
  QUEUE_URL: sqs.createQueue('orders-queue').queueUrl,
  DEAD_LETTER_QUEUE_URL: sqs.createQueue('orders-queue-dlq').queueUrl,
  AWS_ENDPOINT_URL: sqs.address,
  POWERTOOLS_LOG_LEVEL: 'ERROR',
  TIME_ZONE: 'UTC',
  CURRENCY: 'USD',
};
const client = new SQSClient({
  endpoint: sqs.address,
  useQueueUrlAsEndpoint: false,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const load = (changes: Readonly<Record<string, string>> = {}) =>
  loadReadFunction(() => import('../../functions/getOverview.ts'), { ...environment, ...changes });
const ask = await load();
const count = await loadWorker(environment);

const Period = v.strictObject({
  period: v.string(),
  orders: v.number(),
  revenue_cents: v.number(),
  revenue: v.number(),
});
const Overview = v.object({
  as_of: v.string(),
  total_orders: v.number(),
  total_revenue_cents: v.number(),
  total_revenue: v.number(),
  hours: v.array(Period),
  days: v.array(Period),
  top_users: v.array(v.looseObject({ user_id: v.string(), total_spend_cents: v.number(), order_count: v.number() })),
  pipeline: v.object({ messages: v.record(v.string(), v.number()), rate: v.number() }),
});

/** What the function logged at the last request. */
let log = '';

async function answer(from: Ask = ask): Promise<Record<string, unknown>> {
  const output = captureOutput();
  const { statusCode, body } = await from(getEvent(null)).finally(output.restore);
  log = output.text();
  expect(statusCode).toBe(200);
  return JSON.parse(body);
}

const overview = async (from?: Ask) => v.parse(Overview, await answer(from));

const HOUR = 3_600_000;
let placed = 0;

/** A message of an order that was placed so many hours ago. */
const orderOf = (hoursAgo: number, value = 10, user = 'U1'): string =>
  orderBody({
    order_id: `ORD${placed++}`,
    user_id: user,
    order_timestamp: new Date(Date.now() - hoursAgo * HOUR).toISOString(),
    order_value: value,
    items: [{ product_id: 'P1', quantity: 1, price_per_unit: value }],
  });

async function deliver(bodies: readonly string[]): Promise<void> {
  const Records = bodies.map((body, n) => ({ messageId: `m${n}`, receiptHandle: `r${n}`, body }));
  expect(await count({ Records })).toEqual({ batchItemFailures: [] });
}

const sumOf = (series: readonly v.InferOutput<typeof Period>[]) => ({
  orders: series.reduce((sum, { orders }) => sum + orders, 0),
  cents: series.reduce((sum, { revenue_cents }) => sum + revenue_cents, 0),
});

beforeEach(async () => {
  await redis.flushall();
  sqs.reset();
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), sqs.stop()]);
  vi.unstubAllEnvs();
});

it('before the first order, the last 72 hours and 61 days are all zero', async () => {
  const body = await answer();
  const { as_of, hours, days } = v.parse(Overview, body);
  expect(Math.abs(Date.parse(as_of) - Date.now())).toBeLessThan(5000);
  expect(body).toMatchObject({
    stage: 'test',
    time_zone: 'UTC',
    currency: 'USD',
    total_orders: 0,
    total_revenue_cents: 0,
    total_revenue: 0,
    top_users: [],
    pipeline: {
      messages: { counted: 0 },
      rate: 0,
      queue: { waiting: 0 },
      dead_letters: { waiting: 0 },
      last_count: null,
    },
  });
  expect(hours.map(({ period }) => period)).toEqual(
    Array.from({ length: 72 }, (_, n) => new Date(Date.parse(as_of) - (71 - n) * HOUR).toISOString().slice(0, 13)),
  );
  expect(days.map(({ period }) => period)).toEqual(
    Array.from({ length: 61 }, (_, n) => new Date(Date.parse(as_of) - (60 - n) * 24 * HOUR).toISOString().slice(0, 10)),
  );
  expect([...hours, ...days].every(({ orders, revenue }) => orders === 0 && revenue === 0)).toBe(true);
});

it('orders are in their hour, in their day and in the totals', async () => {
  await deliver([orderOf(0, 20), orderOf(0, 0.5), orderOf(30, 7.25, 'U2'), orderOf(24 * 10, 1.01), orderOf(24 * 100)]);
  const body = await overview();
  expect(body).toMatchObject({ total_orders: 5, total_revenue_cents: 3876, total_revenue: 38.76 });
  expect(body.hours.at(-1)).toMatchObject({ orders: 2, revenue_cents: 2050, revenue: 20.5 });
  expect(body.hours.at(-31)).toMatchObject({ orders: 1, revenue_cents: 725, revenue: 7.25 });
  expect(sumOf(body.hours)).toEqual({ orders: 3, cents: 2775 });
  expect(body.days.at(-11)).toMatchObject({ orders: 1, revenue_cents: 101 });
  expect(sumOf(body.days)).toEqual({ orders: 4, cents: 2876 });
  expect(body.top_users).toEqual([
    { rank: 1, user_id: 'U1', total_spend_cents: 3151, total_spend: 31.51, order_count: 4 },
    { rank: 2, user_id: 'U2', total_spend_cents: 725, total_spend: 7.25, order_count: 1 },
  ]);
});

it('hours and days are those of the time zone of the stage', async () => {
  const zone = 'Pacific/Kiritimati';
  const inZone = await load({ TIME_ZONE: zone, CURRENCY: 'EUR' });
  const countInZone = await loadWorker({ ...environment, TIME_ZONE: zone, CURRENCY: 'EUR' });
  await countInZone({ Records: [{ messageId: 'm1', receiptHandle: 'r1', body: orderOf(0) }] });
  const body = await answer(inZone);
  expect(body).toMatchObject({ time_zone: zone, currency: 'EUR' });
  const { as_of, hours, days } = v.parse(Overview, body);
  const hour = hourName(hourIn(zone)(Date.parse(as_of)));
  expect(hours.at(-1)).toMatchObject({ period: hour, orders: 1 });
  expect(days.at(-1)).toMatchObject({ period: hour.slice(0, 10), orders: 1 });
});

it('a container whose clock is days behind shows the days of Redis', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3 * 24 * HOUR });
  const behind = await load();
  vi.useRealTimers();
  await deliver([orderOf(0)]);
  const { as_of, days } = await overview(behind);
  expect(days.at(-1)).toMatchObject({ period: as_of.slice(0, 10), orders: 1 });
});

it('under traffic, the figures of each answer agree', async () => {
  const users = Array.from({ length: 7 }, (_, n) => `U${n}`);
  let isOver = false;
  const counting = (async () => {
    for (let batch = 0; batch < 150; batch++) {
      await deliver(users.map((user, n) => orderOf(0, (batch % 13) + n / 4, user)));
    }
    isOver = true;
  })();
  let answers = 0;
  const totals = new Set<number>();
  while (!isOver) {
    const bodies = await Promise.all(Array.from({ length: 5 }, () => overview()));
    for (const { total_orders, total_revenue_cents, hours, days, top_users, pipeline } of bodies) {
      const total = { orders: total_orders, cents: total_revenue_cents };
      expect(sumOf(hours)).toEqual(total);
      expect(sumOf(days)).toEqual(total);
      expect(top_users.reduce((sum, { order_count }) => sum + order_count, 0)).toBe(total_orders);
      expect(top_users.reduce((sum, { total_spend_cents }) => sum + total_spend_cents, 0)).toBe(total_revenue_cents);
      expect(pipeline.messages.counted).toBe(total_orders);
      totals.add(total_orders);
      answers++;
    }
  }
  await counting;
  expect(answers).toBeGreaterThan(20);
  expect(totals.size).toBeGreaterThan(5);
  expect(await overview()).toMatchObject({
    total_orders: 1050,
    pipeline: { rate: expect.toSatisfy((rate) => rate > 0) },
  });
});

/** Bytes that Redis sends for one request. */
async function bytesOf(from: Ask): Promise<number> {
  const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await redis.info('stats'))?.[1]);
  // The answer to INFO itself counts as well.
  const before = await sent();
  const own = (await sent()) - before;
  await overview(from);
  return (await sent()) - before - 2 * own;
}

it('while nothing is counted it reads little, and what changes is there at once', async () => {
  await deliver(Array.from({ length: 80 }, (_, n) => orderOf(n, 5, `U${n}`)));
  const from = await load();
  const [first, second] = [await bytesOf(from), await bytesOf(from)];
  expect(first).toBeGreaterThan(2000);
  expect(second).toBeLessThan(700);
  await deliver([orderOf(0, 1)]);
  expect(await overview(from)).toMatchObject({ total_orders: 81 });
  await redis.hset('global:stats', { total_orders: 7, total_revenue: '3.00' });
  expect(await overview(from)).toMatchObject({ total_orders: 7, total_revenue: 3 });
  await redis.flushall();
  expect(await overview(from)).toMatchObject({ total_orders: 0, top_users: [] });
});

it('while nothing is new the answer is 304, and what is new has another ETag', async () => {
  await deliver([orderOf(0)]);
  // As long after the last order, its minute is over.
  const { last_counted = '' } = await redis.hgetall('global:messages');
  await redis.hset('global:messages', 'last_counted', Number(last_counted) - 600);
  const first = await ask(getEvent(null));
  const etag = String(first.headers?.ETag);
  const again = () => ask({ ...getEvent(null), headers: { 'If-None-Match': etag } });
  const before = Date.now();
  expect(await again()).toMatchObject({ statusCode: 304, body: '', headers: { ETag: etag } });
  await vi.waitUntil(() => Math.floor(Date.now() / 1000) > Math.floor(before / 1000) + 1, { timeout: 5000 });
  expect(await again()).toMatchObject({ statusCode: 304 });
  const other = await load();
  expect((await other(getEvent(null))).headers?.ETag).toBe(etag);
  await client.send(new SendMessageCommand({ QueueUrl: environment.QUEUE_URL, MessageBody: 'a message' }));
  expect(await again()).toMatchObject({ statusCode: 200, body: expect.stringContaining('"waiting":1') });
});

const NO_STATISTICS = {
  total_orders: null,
  total_revenue_cents: null,
  total_revenue: null,
  hours: null,
  days: null,
  top_users: null,
};

it.each([
  ['global:stats', () => redis.set('global:stats', 'text')],
  ['global:stats', () => redis.hset('global:stats', 'total_orders', 'x')],
  ['global:hours', () => redis.set('global:hours', 'text')],
  ['global:hours', () => redis.hset('global:hours', '2026-11-30T08', 'x')],
  ['global:days', () => redis.set('global:days', 'text')],
  ['global:days', () => redis.hset('global:days', new Date().toISOString().slice(0, 10), '1')],
  ['global:top-users', () => redis.set('global:top-users', 'text')],
  ['user:U1', () => redis.set('user:U1', 'text')],
])('no statistics while %s is corrupt, but the state of the pipeline', async (key, corrupt) => {
  await deliver([orderOf(0)]);
  await redis.del(key);
  await corrupt();
  expect(await answer(await load())).toMatchObject({
    ...NO_STATISTICS,
    pipeline: { messages: { counted: 1 }, queue: { waiting: 0 } },
  });
  expect(log).toMatch(new RegExp(`"CorruptKeyError".*${key} has an unexpected value`));
});

it.each([
  ['global:messages', { messages: null, rate: null, last_count: null }],
  ['global:checkpoint', { messages: null, replayed_until: null }],
  ['global:dead-letters', { messages: { counted: 1 }, dead_letters: { waiting: 0, reasons: null } }],
])('the statistics while %s is corrupt', async (key, pipeline) => {
  await deliver([orderOf(0)]);
  await redis.set(key, 'text');
  expect(await answer(await load())).toMatchObject({ total_orders: 1, pipeline });
  expect(log).toMatch(new RegExp(`"CorruptKeyError".*${key} has an unexpected value`));
});

it('while Redis is down, the depth of the queues and when that was', async () => {
  const mortal = await startRedisServer();
  const from = await load({ REDIS_URL: mortal.url });
  expect(await answer(from)).toMatchObject({ total_orders: 0 });
  await mortal.stop();
  const body = await answer(from);
  expect(body).toMatchObject({
    ...NO_STATISTICS,
    stage: 'test',
    pipeline: {
      messages: null,
      rate: null,
      queue: { waiting: 0 },
      dead_letters: { waiting: 0, last_hour: null, oldest_seconds: null, reasons: null },
      last_count: null,
      replayed_until: null,
      restored_at: null,
    },
  });
  expect(Math.abs(Date.parse(String(body.as_of)) - Date.now())).toBeLessThan(5000);
});

it('while Redis and SQS hang, an answer within a second', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
  const port = await listen(silent);
  const from = await load({ REDIS_URL: `redis://127.0.0.1:${port}`, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let body: unknown;
  const asking = answer(from).then((given) => {
    body = given;
  });
  // Once Redis and both queues have been asked, only limits end the wait.
  while (sockets.length < 3) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(999);
  vi.useRealTimers();
  expect(body).toMatchObject({ ...NO_STATISTICS, pipeline: { messages: null, queue: null, dead_letters: null } });
  await asking;
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('while SQS is down, the statistics', async () => {
  await deliver([orderOf(0)]);
  const from = await load({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect(await answer(from)).toMatchObject({ total_orders: 1, pipeline: { queue: null, dead_letters: null } });
});
