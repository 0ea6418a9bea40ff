import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { type ArchiveFault, BUCKET, startArchive, type TestArchive } from '../support/archive.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { lambdaContext } from '../support/lambdaContext.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';

let server: RedisServer;
let redis: Redis;
let queue: TestQueue;
let archive: TestArchive;

beforeAll(async () => {
  [server, queue, archive] = await Promise.all([startRedisServer(), startQueue(), startArchive()]);
  redis = new Redis(server.url);
});
beforeEach(async () => {
  queue.clear();
  archive.clear();
  await redis.flushall();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), queue.stop(), archive.stop()]);
  vi.unstubAllEnvs();
});

/** Metrics of one test are not those of the next. */
const OFF = { POWERTOOLS_METRICS_DISABLED: 'true' };

const load = (environment: Record<string, string> = {}) =>
  loadWorker({ REDIS_URL: server.url, ...queue.environment, ...archive.environment, ...OFF, ...environment });

/** Id, version and status of each archived order, in the order of the archive. */
const archived = async (): Promise<string[]> =>
  (await archive.lines()).map((line) => {
    const { order_id, order_version, order_status } = JSON.parse(line);
    return `${order_id} ${order_version} ${order_status}`;
  });

const conflict = orderBody({ order_id: 'ORD1', order_timestamp: '2024-12-14T10:00:00Z' });
const unknown = orderBody({ order_id: 'ORD9', order_version: 2, order_timestamp: '2020-01-01T00:00:00Z' });

it('a batch leaves one object with its counted, revised, cancelled, duplicate and superseded orders, and no other message', async () => {
  const count = await load();
  await redis.set('user:CORRUPT', 'no hash');
  const ids = await queue.send([
    orderBody({ order_id: 'ORD1' }),
    orderBody({ order_id: 'ORD2' }),
    orderBody({ order_id: 'ORD2', order_version: 3 }),
    orderBody({ order_id: 'ORD2', order_version: 2 }),
    orderBody({ order_id: 'ORD1' }),
    orderBody({ order_id: 'ORD3', order_status: 'cancelled' }),
    conflict,
    unknown,
    orderBody({ order_id: 'ORD4', user_id: 'CORRUPT' }),
    'invalid',
  ]);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids.slice(6));
  expect(await archive.keys()).toHaveLength(1);
  expect(await archived()).toEqual([
    'ORD1 1 placed',
    'ORD2 1 placed',
    'ORD2 3 placed',
    'ORD2 2 placed',
    'ORD1 1 placed',
    'ORD3 1 cancelled',
  ]);
});

it('an object is named after the time and the request, and holds no address, payment or further field', async () => {
  const count = await load();
  await queue.send([orderBody({ note: 'call me' })]);
  const before = Date.now();
  await count(await queue.receive());
  const [key = ''] = await archive.keys();
  const [, date, time, requestId] = /^orders\/date=(\S{10})\/(\d\d-\d\d-\d\d\.\d{3}Z)-(.+)\.jsonl\.gz$/.exec(key) ?? [];
  const ms = Date.parse(`${date}T${time?.replace(/-/g, ':')}`);
  expect(requestId).toBe(lambdaContext.awsRequestId);
  expect(ms).toBeGreaterThanOrEqual(before);
  expect(ms).toBeLessThanOrEqual(Date.now());
  expect((await archive.lines()).map((line) => Object.keys(JSON.parse(line)))).toEqual([
    ['order_id', 'user_id', 'order_timestamp', 'order_version', 'order_status', 'order_value', 'items'],
  ]);
});

it('the archive gets an order after Redis has counted it', async () => {
  const count = await load();
  let countedBefore: string | null = null;
  archive.intercept(async () => {
    countedBefore = await redis.hget('global:stats', 'total_orders');
    return undefined;
  });
  await queue.send([orderBody()]);
  expect(failedIds(await count(await queue.receive()))).toEqual([]);
  expect(countedBefore).toBe('1');
});

it.each<[string, ArchiveFault | 'NoSuchBucket', string]>([
  ['cannot be reached', 'away', 'socket hang up'],
  ['takes the object, but its answer is lost', 'lost', 'socket hang up'],
  ['wants fewer requests', 'SlowDown', 'SlowDown'],
  ['fails', 'InternalError', 'InternalError'],
  ['denies access', 'AccessDenied', 'AccessDenied'],
  ['lacks the bucket', 'NoSuchBucket', 'bucket'],
])(
  'while S3 %s, exactly the messages that are done fail, and the report blames the archive',
  async (_, fault, cause) => {
    const environment = { POWERTOOLS_LOG_LEVEL: 'WARN', POWERTOOLS_METRICS_DISABLED: 'false' };
    const missing = fault === 'NoSuchBucket';
    const count = await load({ ...environment, ARCHIVE_BUCKET: missing ? 'another-bucket' : BUCKET });
    if (!missing) archive.intercept(() => fault);
    const ids = await queue.send([
      orderBody({ order_id: 'ORD1' }),
      orderBody({ order_id: 'ORD1' }),
      conflict,
      'invalid',
    ]);
    const output = captureOutput();
    expect(failedIds(await count(await queue.receive()).finally(output.restore))).toEqual(ids);
    const lines: Record<string, unknown>[] = output
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const text = expect.stringContaining(cause);
    const reason = 'The order is counted, but the archive did not take it';
    expect(lines.find(({ message }) => message === 'batch')).toMatchObject({
      level: 'ERROR',
      unarchived: 2,
      transient: 0,
      cause: text,
    });
    expect(lines.filter(({ failure }) => failure === 'unarchived')).toMatchObject([
      { messageId: ids[0], reason, cause: text },
      { messageId: ids[1], reason, cause: text },
    ]);
    expect(lines.find((line) => '_aws' in line && 'MessagesReceived' in line)).toMatchObject({
      ArchiveFailures: 2,
      TransientFailures: 0,
      OrdersCounted: 0,
      Conflicts: 1,
      OrdersRejected: 1,
    });
    // The permanent failures are visible at once, and the others only after a pause.
    expect((await queue.receive()).Records.map(({ messageId }) => messageId)).toEqual(ids.slice(2));
  },
);

it('a message that was not archived comes back as a duplicate, and is archived then', async () => {
  const count = await load();
  archive.intercept(() => 'away');
  const ids = await queue.send([
    orderBody({ order_id: 'ORD1' }),
    orderBody({ order_id: 'ORD2', order_status: 'cancelled' }),
  ]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual(ids);
  expect(await archived()).toEqual([]);

  archive.intercept();
  expect(failedIds(await count(event))).toEqual([]);
  expect(await archived()).toEqual(['ORD1 1 placed', 'ORD2 1 cancelled']);
  expect(await redis.hgetall('global:messages')).toMatchObject({ counted: '2', duplicates: '2' });
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
});

it('an order whose PUT was done but not answered is archived again, and counts once', async () => {
  const count = await load();
  archive.intercept(() => 'lost');
  const ids = await queue.send([orderBody()]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual(ids);
  archive.intercept();
  expect(failedIds(await count(event))).toEqual([]);
  // Both attempts of the first batch wrote the same object.
  expect(await archived()).toEqual(['ORD1234 1 placed', 'ORD1234 1 placed']);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
});

it('a PUT that fails once is repeated within the batch', async () => {
  const count = await load();
  let requests = 0;
  archive.intercept(() => (requests++ === 0 ? 'InternalError' : undefined));
  await queue.send([orderBody()]);
  expect(failedIds(await count(await queue.receive()))).toEqual([]);
  expect(await archived()).toEqual(['ORD1234 1 placed']);
});

it('a PUT that is never answered ends after two attempts of 1.5 s each', async () => {
  const count = await load();
  // A batch before, so that only timers of the PUT are virtual.
  await queue.send([orderBody()]);
  await count(await queue.receive());
  const ids = await queue.send([orderBody({ order_id: 'ORD2' })]);
  const event = await queue.receive();
  const arrived = new Promise<void>((resolve) => {
    archive.intercept(() => {
      resolve();
      return 'silent';
    });
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let isAnswered = false;
  const answer = count(event).finally(() => {
    isAnswered = true;
  });
  await arrived;
  let ms = 0;
  for (; !isAnswered; ms++) {
    vi.advanceTimersByTime(1);
    await setImmediate();
  }
  expect(failedIds(await answer)).toEqual(ids);
  expect(ms).toBeGreaterThanOrEqual(3000);
  // With the pause between them.
  expect(ms).toBeLessThan(3300);
  expect(archive.requests.slice(1)).toHaveLength(2);
});

it('a batch without an order that is done makes no call to S3', async () => {
  await queue.send([orderBody({ order_id: 'ORD1' })]);
  const count = await load();
  await count(await queue.receive());
  archive.clear();
  const ids = await queue.send([conflict, unknown, 'invalid']);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids);
  expect(archive.requests).toEqual([]);
});

it('orders that Redis did not count are not archived', async () => {
  const count = await load({ REDIS_URL: 'redis://127.0.0.1:1' });
  const ids = await queue.send([orderBody()]);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids);
  expect(archive.requests).toEqual([]);
});

it('a stage without an archive counts without a call to S3', async () => {
  const count = await load({ ARCHIVE_BUCKET: 'none' });
  await queue.send([orderBody()]);
  expect(failedIds(await count(await queue.receive()))).toEqual([]);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
  expect(archive.requests).toEqual([]);
});
