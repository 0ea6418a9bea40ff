import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { startWorkerProcess } from '../support/functionProcess.ts';
import { orderBody } from '../support/orderMessage.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcpProxy.ts';

let server: RedisServer;
let redis: Redis;
let proxy: TcpProxy;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  proxy = await startTcpProxy(server.port);
  return proxy.stop;
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const eventOf = (...bodies: string[]) => ({ Records: messagesOf(bodies) });
const allDone = { batchItemFailures: [] };

/** Every total that the one order of a test is part of. */
async function totals() {
  return {
    global: await redis.hgetall('global:stats'),
    days: await redis.hgetall('global:days'),
    user: await redis.hgetall('user:U5678'),
    score: Number(await redis.zscore('global:top-users', 'U5678')),
  };
}
const counted = (orders: number, amount: string) => ({
  global: { total_orders: `${orders}`, total_revenue: amount, '2024-12': `${orders} ${amount}` },
  days: { '2024-12-13': `${orders} ${amount}` },
  user: { order_count: `${orders}`, total_spend: amount, '2024-12': `${orders} ${amount}` },
  score: Number(amount),
});

it('an order delivered 100 times at once to several processes counts once', async () => {
  const workers = await Promise.all([1, 2, 3, 4].map(() => startWorkerProcess(server.url)));
  const responses = await Promise.all(workers.map((worker) => worker.deliver(eventOf(orderBody()), 25)));
  await Promise.all(workers.map((worker) => worker.kill()));

  expect(responses.flat()).toEqual(Array(100).fill(allDone));
  expect(await totals()).toEqual(counted(1, '99.99'));
});

it('an order that is in one batch many times counts once', async () => {
  const worker = await startWorkerProcess(server.url);
  const responses = await worker.deliver(eventOf(...Array(150).fill(orderBody())));
  await worker.kill();

  expect(responses).toEqual([allDone]);
  expect(await totals()).toEqual(counted(1, '99.99'));
});

it('a batch costs one round trip: a worker that is killed before the first reply loses nothing', async () => {
  const event = eventOf(...Array.from({ length: 100 }, (_, n) => orderBody({ order_id: `ORD${n}` })));
  const worker = await startWorkerProcess(`redis://127.0.0.1:${proxy.port}`);
  proxy.dropReplies(true);
  worker.deliver(event).catch(() => {});
  await vi.waitFor(async () => expect(await redis.hget('global:stats', 'total_orders')).toBe('100'));
  await worker.kill();
  expect(await totals()).toEqual(counted(100, '9999.00'));

  const next = await startWorkerProcess(server.url);
  expect(await next.deliver(event)).toEqual([allDone]);
  await next.kill();
  expect(await totals()).toEqual(counted(100, '9999.00'));
});

it('other content with a counted order_id is a conflict, even if the first worker never finished', async () => {
  const worker = await startWorkerProcess(`redis://127.0.0.1:${proxy.port}`);
  proxy.dropReplies(true);
  worker.deliver(eventOf(orderBody())).catch(() => {});
  await vi.waitFor(async () => expect(await redis.exists('global:stats')).toBe(1));
  await worker.kill();

  const next = await startWorkerProcess(server.url);
  const other = orderBody({ user_id: 'U2' });
  expect(await next.deliver(eventOf(other, orderBody()))).toEqual([{ batchItemFailures: [{ itemIdentifier: 'm0' }] }]);
  await next.kill();
  expect(await redis.exists('user:U2')).toBe(0);
  expect(await totals()).toEqual(counted(1, '99.99'));
});
