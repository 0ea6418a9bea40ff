import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { sampleEvent } from '../support/sampleEvent.ts';
import { bodiesOf, failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';
import { redisContent } from '../support/storedContent.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

/** The messages of events/processOrders.json that are invalid whether Redis is there to tell conflicts or not. */
const INVALID = [5, 6, 7];
const sampleBodies = bodiesOf(sampleEvent('processOrders'));

let server: RedisServer;
let queue: TestQueue;

const load = (environment: Record<string, string | undefined> = {}) =>
  loadWorker({ REDIS_URL: server.url, ...queue.environment, ...environment });

/** Reads from Redis with a new client each time, so that a server may end between reads. */
async function withRedis<T>(read: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url);
  try {
    return await read(redis);
  } finally {
    redis.disconnect();
  }
}

beforeAll(async () => {
  queue = await startQueue();
});

beforeEach(async () => {
  queue.clear();
  server = await startRedisServer();
});

afterEach(() => server.stop());

afterAll(async () => {
  await queue.stop();
  vi.unstubAllEnvs();
});

it('while Redis is down every message fails, and only the invalid ones become visible at once', async () => {
  const count = await load();
  await server.stop();
  const ids = await queue.send(sampleBodies);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids);
  const again = await queue.receive();
  expect(again.Records.map(({ messageId }) => messageId)).toEqual(INVALID.map((n) => ids[n]));
});

it('while Redis is down the log shows the cause, once as an error and for each valid message', async () => {
  const output = captureOutput();
  const count = await load({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  await server.stop();
  await queue.send([orderBody()]);
  await count(await queue.receive()).finally(output.restore);
  const lines = output.text().trim().split('\n');
  const cause = expect.stringContaining('ECONNREFUSED');
  const reason = 'Redis could not count the order';
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'ERROR', message: 'batch', messages: 1, counted: 0, transient: 1, cause },
    { level: 'WARN', message: 'message not counted', failure: 'transient', reason, cause },
  ]);
});

it('while Redis is down a connected container fails too, and counts again when Redis is back', async () => {
  const count = await load();
  await queue.send([orderBody({ order_id: 'ORD1' })]);
  expect(failedIds(await count(await queue.receive()))).toEqual([]);

  await server.stop();
  const ids = await queue.send([orderBody({ order_id: 'ORD2' })]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual(ids);

  server = await startRedisServer({ port: server.port });
  expect(failedIds(await count(event))).toEqual([]);
  expect(await withRedis((redis) => redis.hgetall('user:U5678'))).toEqual({
    order_count: '1',
    total_spend: '99.99',
    '2024-12': '1 99.99',
  });
});

it('while Redis hangs every order fails; later each counts once, and no connection is left open', async () => {
  const count = await load();
  await queue.send([orderBody({ order_id: 'ORD1' })]);
  await count(await queue.receive());
  const ids = await queue.send([orderBody({ order_id: 'ORD2' })]);
  const event = await queue.receive();

  process.kill(server.pid, 'SIGSTOP');
  expect(failedIds(await count(event))).toEqual(ids);
  const meanwhile = count(event);
  process.kill(server.pid, 'SIGCONT');
  expect(failedIds(await meanwhile)).toEqual([]);
  expect(failedIds(await count(event))).toEqual([]);

  await withRedis(async (redis) => {
    expect(await redis.hgetall('user:U5678')).toEqual({
      order_count: '2',
      total_spend: '199.98',
      '2024-12': '2 199.98',
    });
    expect(await redis.hgetall('global:stats')).toEqual({
      total_orders: '2',
      total_revenue: '199.98',
      '2024-12': '2 199.98',
    });
    // Ours and the one of the function.
    await expect
      .poll(async () =>
        String(await redis.client('LIST'))
          .trim()
          .split('\n'),
      )
      .toHaveLength(2);
  });
});

it('while Redis hangs orders fail in a new container too', async () => {
  const count = await load();
  process.kill(server.pid, 'SIGSTOP');
  const ids = await queue.send([orderBody()]);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids);
  process.kill(server.pid, 'SIGCONT');
});

it.each([
  ['it has become a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ['its memory is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  [
    'it misses replicas',
    ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ],
])(
  'while Redis refuses writes (%s) all orders fail, none is half counted, and all count later',
  async (_, spoil, repair) => {
    const call = ([command = '', ...args]: string[]) => withRedis((redis) => redis.call(command, ...args));
    const count = await load();
    const ids = await queue.send([orderBody({ order_id: 'ORD1' }), orderBody({ order_id: 'ORD2', user_id: 'U2' })]);
    const event = await queue.receive();
    await call(spoil);
    expect(failedIds(await count(event))).toEqual(ids);
    expect((await queue.receive()).Records).toEqual([]);
    await call(repair);
    expect(await withRedis(redisContent)).toEqual({});

    expect(failedIds(await count(event))).toEqual([]);
    expect(await withRedis((redis) => redis.hgetall('global:stats'))).toEqual({
      total_orders: '2',
      total_revenue: '199.98',
      '2024-12': '2 199.98',
    });
  },
);

it('after a failover the old primary confirms no duplicate: the new one may have lost the order', async () => {
  const count = await load();
  const [id] = await queue.send([orderBody()]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual([]);
  await withRedis((redis) => redis.call('REPLICAOF', '127.0.0.1', '1'));
  expect(failedIds(await count(event))).toEqual([id]);
});

it('after a failover orders count in the new primary although the connection to the old one is still open', async () => {
  const primary = await startRedisServer();
  const proxy = await startTcpProxy(server.port);
  const count = await load({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  await count({ Records: [] });
  await withRedis((redis) => redis.call('REPLICAOF', '127.0.0.1', String(primary.port)));
  proxy.leadTo(primary.port);

  const ids = await queue.send([orderBody()]);
  const event = await queue.receive();
  expect(failedIds(await count(event))).toEqual(ids);
  expect(failedIds(await count(event))).toEqual([]);
  const redis = new Redis(primary.url);
  expect(await redis.hgetall('user:U5678')).toEqual({ order_count: '1', total_spend: '99.99', '2024-12': '1 99.99' });
  redis.disconnect();
  await Promise.all([proxy.stop(), primary.stop()]);
});

it('the batch counts although SQS refuses to make permanently failed messages visible', async () => {
  const QUEUE_URL = queue.environment.QUEUE_URL.replace('orders-queue', 'no-queue');
  const count = await load({ QUEUE_URL, POWERTOOLS_LOG_LEVEL: 'WARN' });
  const ids = await queue.send([orderBody(), 'broken']);
  const event = await queue.receive();
  const output = captureOutput();
  expect(failedIds(await count(event).finally(output.restore))).toEqual(ids.slice(1));
  const lines = output.text().trim().split('\n');
  expect(lines[1]).not.toContain('"cause"');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { message: 'visibility not changed', messageIds: ids.slice(1), reason: expect.stringContaining('queue') },
    { message: 'message not counted', messageId: ids[1], failure: 'invalid', reason: 'body must be JSON' },
  ]);
  expect(await withRedis((redis) => redis.hget('global:stats', 'total_orders'))).toBe('1');
  expect((await queue.receive()).Records).toEqual([]);
});

it('the batch counts although SQS never answers the call that makes permanently failed messages visible', async () => {
  // Its kernel takes connections for a process that is stopped; nobody ever answers.
  const silent = await startRedisServer();
  process.kill(silent.pid, 'SIGSTOP');
  const count = await load({ AWS_ENDPOINT_URL: `http://127.0.0.1:${silent.port}` });
  const ids = await queue.send([orderBody(), 'broken']);
  expect(failedIds(await count(await queue.receive()))).toEqual(ids.slice(1));
  expect(await withRedis((redis) => redis.hget('global:stats', 'total_orders'))).toBe('1');
  await silent.stop();
});
