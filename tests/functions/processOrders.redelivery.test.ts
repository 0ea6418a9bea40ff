import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';

let server: RedisServer;
let redis: Redis;
let queue: TestQueue;

const load = (environment: Record<string, string> = {}) =>
  loadWorker({ REDIS_URL: server.url, ...queue.environment, ...environment });

beforeAll(async () => {
  [server, queue] = await Promise.all([startRedisServer(), startQueue()]);
  redis = new Redis(server.url);
});
beforeEach(async () => {
  queue.clear();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([server.stop(), queue.stop()]);
  vi.unstubAllEnvs();
});

it('a message whose visibility timeout ends during processing counts once', async () => {
  await queue.send([orderBody(), orderBody({ order_id: 'ORD2' })]);
  const [first, second] = await Promise.all([load(), load()]);
  const event = await queue.receive();
  await queue.expireVisibility(event);
  const again = await queue.receive();
  expect(again.Records).toHaveLength(2);

  const responses = await Promise.all([first(event), second(again)]);
  expect(responses.map(failedIds)).toEqual([[], []]);
  expect(await redis.hgetall('global:stats')).toEqual({
    total_orders: '2',
    total_revenue: '199.98',
    '2024-12': '2 199.98',
  });
});

it.each([
  ['1', 15],
  ['3', 60],
  ['7', 900],
])(
  'a transient failure at receive number %s comes back after %i seconds and up to a fifth more',
  async (receives, seconds) => {
    await redis.set('user:U5678', 'corrupt');
    await queue.send([orderBody()]);
    const { Records } = await queue.receive();
    const attributes = { ApproximateReceiveCount: receives };
    const count = await load();
    await count({ Records: Records.map((record) => ({ ...record, attributes })) });

    const [pause] = queue.pauses();
    expect(pause).toBeGreaterThanOrEqual(seconds - 1);
    expect(pause).toBeLessThanOrEqual(seconds * 1.2);
  },
);

it('a message that fails at its last receive moves to the dead-letter queue at once', async () => {
  await redis.set('user:U5678', 'corrupt');
  await queue.send([orderBody()]);
  const { Records } = await queue.receive();
  const count = await load();
  await count({ Records: Records.map((record) => ({ ...record, attributes: { ApproximateReceiveCount: '8' } })) });
  expect(queue.pauses()).toEqual([]);
});

it('an order that a corrupt key holds up has a metric', async () => {
  await redis.set('user:U5678', 'corrupt');
  await queue.send([orderBody(), orderBody({ order_id: 'ORD2', user_id: 'U2' })]);
  const output = captureOutput();
  const count = await load({ POWERTOOLS_METRICS_DISABLED: 'false', POWERTOOLS_LOG_LEVEL: 'ERROR' });
  await count(await queue.receive()).finally(output.restore);
  const [line, metric] = output
    .text()
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
  expect(line).toMatchObject({ level: 'ERROR', message: 'batch', messages: 2, counted: 1, corrupt: 1 });
  expect(metric).toMatchObject({ TransientFailures: 0, CorruptKeys: 1 });
});
