import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { oneLineBody, orderBody } from '../support/orderMessage.ts';
import { sampleEvent } from '../support/sampleEvent.ts';
import { bodiesOf, failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';
import { redisContent } from '../support/storedContent.ts';

/** The messages of events/processOrders.json. */
const SAMPLE = { orders: [0, 1, 2], duplicate: 3, hopeless: [4, 5, 6, 7] };
const sampleBodies = bodiesOf(sampleEvent('processOrders'));

let server: RedisServer;
let redis: Redis;
let queue: TestQueue;
let count: (event: unknown) => Promise<unknown>;

const load = (environment: Record<string, string | undefined> = {}) =>
  loadWorker({ REDIS_URL: server.url, ...queue.environment, ...environment });

beforeAll(async () => {
  [server, queue] = await Promise.all([startRedisServer(), startQueue()]);
  redis = new Redis(server.url);
  count = await load();
});

afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), queue.stop()]);
  vi.unstubAllEnvs();
});

beforeEach(async () => {
  queue.clear();
  await redis.flushall();
});

const expectSampleCounted = async () => {
  expect(await redis.hgetall('global:stats')).toEqual({
    total_orders: '3',
    total_revenue: '380.40',
    '2024-12': '2 129.99',
    '2025-01': '1 250.41',
  });
  expect(await redis.hgetall('user:U5678')).toEqual({
    order_count: '2',
    total_spend: '129.99',
    '2024-12': '2 129.99',
  });
  expect(await redis.hgetall('user:shop:9012@eu')).toEqual({
    order_count: '1',
    total_spend: '250.41',
    '2025-01': '1 250.41',
  });
  expect(await redis.hgetall('global:days')).toEqual({
    '2024-12-13': '1 99.99',
    '2024-12-31': '1 30.00',
    '2025-01-15': '1 250.41',
  });
  expect(await redis.zrevrange('global:top-users', 0, -1)).toEqual(['shop:9012@eu', 'U5678']);
  // As numbers: the same double is 129.99000000000001 to Redis 7, which writes all 17 digits.
  const scores = await redis.zmscore('global:top-users', 'shop:9012@eu', 'U5678');
  expect(scores.map(Number)).toEqual([250.41, 129.99]);
  const others = (await redis.keys('*')).filter((key) => !key.includes(':ledger'));
  expect(others.toSorted()).toEqual([
    'global:checkpoint',
    'global:days',
    'global:messages',
    'global:stats',
    'global:top-users',
    'user:U5678',
    'user:shop:9012@eu',
  ]);
};

it('the sample event fails only for the conflict and the invalid messages', async () => {
  const ids = await queue.send(sampleBodies);
  const response = await count(await queue.receive());
  expect(failedIds(response)).toEqual(SAMPLE.hopeless.map((n) => ids[n]));
});

it('the sample event counts to the cent in all totals, months and the leaderboard', async () => {
  await queue.send(sampleBodies);
  await count(await queue.receive());
  await expectSampleCounted();
});

it('the sample event changes nothing the second time, and fails for the same messages', async () => {
  await queue.send(sampleBodies);
  const event = await queue.receive();
  const first = await count(event);
  const content = await redisContent(redis);
  expect(await count(event)).toEqual(first);
  expect(await redisContent(redis)).toEqual(content);
});

it('of the sample event only permanently failed messages become visible at once', async () => {
  const ids = await queue.send(sampleBodies);
  await count(await queue.receive());
  const again = await queue.receive();
  expect(again.Records.map(({ messageId }) => messageId)).toEqual(SAMPLE.hopeless.map((n) => ids[n]));
  expect(again.Records.map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual(['2', '2', '2', '2']);
});

it('the sample event counts although no queue knows its receipt handles', async () => {
  const hopeless = SAMPLE.hopeless.map((n) => `19dd0b57-b21e-4ac1-bd88-01bbb068cb1${n}`);
  const logging = await load({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  const output = captureOutput();
  const response = await logging(sampleEvent('processOrders')).finally(output.restore);
  expect(failedIds(response)).toEqual(hopeless);
  await expectSampleCounted();
  for (const messageId of hopeless) {
    const line = output
      .text()
      .split('\n')
      .find((line) => line.includes('visibility not changed') && line.includes(messageId));
    expect(line).toMatch(/receipt handle/i);
  }
});

it('a message whose body is not a string fails with a reason', async () => {
  const logging = await load({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  const output = captureOutput();
  const Records = [{ messageId: 'm1', receiptHandle: 'r1', body: { order_id: 'ORD1' } }];
  expect(failedIds(await logging({ Records }).finally(output.restore))).toEqual(['m1']);
  expect(output.text()).toContain('"body must be a string"');
});

it('a later version of an unknown order counts when a person has accepted it', async () => {
  const body = orderBody({ order_version: 2, order_timestamp: '2020-01-01T00:00:00Z' });
  const record = { messageId: 'm1', receiptHandle: 'r1', body };
  const logging = await load({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  const output = captureOutput();
  expect(failedIds(await logging({ Records: [record] }).finally(output.restore))).toEqual(['m1']);
  expect(output.text()).toContain(
    '"order_version is above 1, but the order is not remembered and was placed over 29 days ago: an earlier version',
  );
  const messageAttributes = { accept_unknown_version: { dataType: 'String', stringValue: 'true' } };
  expect(failedIds(await count({ Records: [{ ...record, messageAttributes }] }))).toEqual([]);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
});

it('the sample event of a single order counts', async () => {
  expect(failedIds(await count(sampleEvent('processOrders-single')))).toEqual([]);
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '99.99', '2024-12': '1 99.99' });
});

it('an event that is not of SQS is refused with a message that names the field', async () => {
  await expect(count(sampleEvent('not-an-sqs-event'))).rejects.toThrow(
    'This is not an event of an SQS queue: Records is missing',
  );
  expect(await redis.dbsize()).toBe(0);
});

const placed = { order_timestamp: '2024-12-31T23:30:00Z' };
const event = (body: string) => ({ Records: [{ messageId: 'm1', receiptHandle: 'r1', body }] });
const days = () => redis.hgetall('global:days');

it('orders count in the months and days of the time zone', async () => {
  const inBerlin = await load({ TIME_ZONE: 'Europe/Berlin' });
  await inBerlin(event(orderBody(placed)));
  expect(await days()).toEqual({ '2025-01-01': '1 99.99' });
  expect(await redis.hgetall('global:stats')).toMatchObject({ '2025-01': '1 99.99' });
  expect(await redis.hgetall('user:U5678')).toMatchObject({ '2025-01': '1 99.99' });
});

it('after a change of the time zone no order counts twice, and a later version subtracts from the old day', async () => {
  await count(event(orderBody(placed)));
  const inBerlin = await load({ TIME_ZONE: 'Europe/Berlin' });
  expect(failedIds(await inBerlin(event(orderBody(placed))))).toEqual([]);
  expect(await days()).toEqual({ '2024-12-31': '1 99.99' });
  await inBerlin(event(orderBody({ ...placed, order_version: 2 })));
  expect(await days()).toEqual({ '2025-01-01': '1 99.99' });
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '99.99', '2025-01': '1 99.99' });
  await count(event(orderBody({ ...placed, order_version: 3, order_status: 'cancelled' })));
  expect(await days()).toEqual({});
});

it('a batch may be empty', async () => {
  expect(failedIds(await count({ Records: [] }))).toEqual([]);
  expect(await redis.dbsize()).toBe(0);
});

it('one warning per failure, none without', async () => {
  const logging = await load({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  const printed = async (bodies: readonly string[]) => {
    await queue.send(bodies);
    const event = await queue.receive();
    const output = captureOutput();
    await logging(event).finally(output.restore);
    return output.text().split('\n').slice(0, -1);
  };
  expect(await printed([orderBody()])).toEqual([]);
  const lines = await printed(Array(10).fill('no JSON'));
  expect(lines).toHaveLength(10);
  for (const line of lines) expect(line).toContain('message not counted');
});

it('a batch may hold more permanently failed messages than one call of SQS takes', async () => {
  const hopeless = Array.from({ length: 23 }, (_, n) => `broken ${n}`);
  const ids = await queue.send([orderBody(), ...hopeless]);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids.slice(1));
  expect((await queue.receive()).Records.map(({ messageId }) => messageId)).toEqual(ids.slice(1));
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
});

it('an order that a producer sends again counts once', async () => {
  await queue.send([orderBody()]);
  await count(await queue.receive());
  await queue.send([orderBody({ order_timestamp: '2024-12-13T11:00:00+01:00', shipping_address: 'elsewhere' })]);
  expect(failedIds(await count(await queue.receive()))).toEqual([]);
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '99.99', '2024-12': '1 99.99' });
});

it('a conflict adds to no user', async () => {
  await queue.send([orderBody()]);
  await count(await queue.receive());
  const content = await redisContent(redis);
  const ids = await queue.send([orderBody({ user_id: 'U1' }), orderBody({ order_timestamp: '2024-12-14T10:00:00Z' })]);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids);
  expect(await redisContent(redis)).toEqual(content);
});

it('a hundred orders keep every amount at two decimals', async () => {
  const one = (n: number) => oneLineBody({ value: '0.1', price: '0.1' }).replace('ORD1', `ORD${n}`);
  await queue.send(Array.from({ length: 100 }, (_, n) => one(n)));
  expect(failedIds(await count(await queue.receive()))).toEqual([]);
  expect(await redis.hgetall('global:stats')).toEqual({
    total_orders: '100',
    total_revenue: '10.00',
    '2024-12': '100 10.00',
  });
  expect(await redis.hgetall('user:U1')).toEqual({
    order_count: '100',
    total_spend: '10.00',
    '2024-12': '100 10.00',
  });
  expect(await redis.zscore('global:top-users', 'U1')).toBe('10');
});

it('only the order that meets a corrupt key fails, and it counts after the repair', async () => {
  await redis.set('user:U5678', 'corrupt');
  const ids = await queue.send([orderBody(), orderBody({ order_id: 'ORD2', user_id: 'U2' })]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual(ids.slice(0, 1));
  expect(await redis.hgetall('user:U2')).toEqual({ order_count: '1', total_spend: '99.99', '2024-12': '1 99.99' });
  expect((await queue.receive()).Records).toEqual([]);

  await redis.del('user:U5678');
  expect(failedIds(await count(event))).toEqual([]);
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '99.99', '2024-12': '1 99.99' });
  expect(await redis.hgetall('global:stats')).toEqual({
    total_orders: '2',
    total_revenue: '199.98',
    '2024-12': '2 199.98',
  });
});

it('the log shows results and reasons, never an address or a payment', async () => {
  const output = captureOutput();
  const ids = await queue.send(sampleBodies);
  const event = await queue.receive();
  const logging = await load({ POWERTOOLS_LOG_LEVEL: 'DEBUG' });
  await logging(event).finally(output.restore);

  const lines: unknown[] = output
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const failures = [
    'order_id was counted already with other content',
    'order_value must equal the sum of the items: it is 100.00, they add up to 99.99',
    'body must be JSON',
    'items[0].price_per_unit must be a number from 0 to 1,000,000,000, not a string',
  ].map((reason, n) => ({
    messageId: ids[SAMPLE.hopeless[n] ?? 0],
    failure: n === 0 ? 'conflict' : 'invalid',
    reason,
  }));
  expect(lines).toMatchObject([
    {
      level: 'INFO',
      message: 'batch',
      messages: 8,
      counted: 3,
      duplicate: 1,
      invalid: 3,
      conflict: 1,
      transient: 0,
      corrupt: 0,
      refused: 0,
    },
    ...failures,
  ]);
  expect(output.text()).not.toMatch(/Springf|Hill Rd|Shelbyville|CreditCard|PayPal|Invoice/);
});

it.each([
  ['neither variable', { REDIS_URL: undefined, QUEUE_URL: undefined }, 'REDIS_URL is missing; QUEUE_URL is missing'],
  ['no queue', { QUEUE_URL: undefined }, 'QUEUE_URL is missing'],
  ['no archive, nor that there is none', { ARCHIVE_BUCKET: undefined }, 'ARCHIVE_BUCKET is missing'],
  [
    'a wrong variable',
    { REDIS_URL: 'localhost:6379' },
    'REDIS_URL must begin with redis://, rediss://, redis+cluster:// or rediss+cluster://',
  ],
])('an environment with %s fails at start with one message', async (_, environment, problem) => {
  await expect(load(environment)).rejects.toThrow(`A setting is missing or invalid: ${problem}`);
});
