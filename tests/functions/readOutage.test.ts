import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { lambdaContext } from '../support/lambdaContext.ts';
import { type Ask, getEvent, loadReadFunction } from '../support/readFunction.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

/*
 * What the functions that read answer while Redis is away or holds what it should not.
 */

const importGlobalStats = () => import('../../functions/getGlobalStats.ts');

const event = getEvent({ user_id: 'U5678' });

async function answersNot(ask: Ask, detail = 'Try again in a few seconds.'): Promise<void> {
  const response = await ask(event);
  expect(response.statusCode).toBe(503);
  expect(response.headers).toMatchObject({
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '5',
    'X-Request-Id': lambdaContext.awsRequestId,
  });
  // /health says what is deployed.
  const { version, stage, time_zone, currency, ...problem } = JSON.parse(response.body);
  expect(problem).toEqual({
    type: 'urn:problem-type:orders:redis-unavailable',
    title: 'The statistics cannot be read at the moment',
    status: 503,
    detail,
    instance: `urn:uuid:${lambdaContext.awsRequestId}`,
  });
}

const status = async (ask: Ask): Promise<number> => (await ask(event)).statusCode;

describe.each([
  ['getGlobalStats', importGlobalStats, 200],
  ['getUserStats', () => import('../../functions/getUserStats.ts'), 404],
  ['getTopUsers', () => import('../../functions/getTopUsers.ts'), 200],
  ['getHealth', () => import('../../functions/getHealth.ts'), 200],
])('%s', (_, importFunction, usual) => {
  it('503 with Retry-After while Redis is down', async () => {
    const server = await startRedisServer();
    const ask = await loadReadFunction(importFunction, { REDIS_URL: server.url });
    expect(await status(ask)).toBe(usual);
    await server.stop();
    for (const _ of ['the connection that was lost', 'a new one']) await answersNot(ask);

    const restarted = await startRedisServer({ port: server.port });
    expect(await status(ask)).toBe(usual);
    await restarted.stop();
  });

  it.each(['met before', 'never met'])(
    'a reader answers 503 while a Redis hangs that it %s, and as usual after',
    async (when) => {
      const server = await startRedisServer();
      const ask = await loadReadFunction(importFunction, { REDIS_URL: server.url });
      if (when === 'met before') await ask(event);
      process.kill(server.pid, 'SIGSTOP');
      await answersNot(ask).finally(() => process.kill(server.pid, 'SIGCONT'));
      expect(await status(ask)).toBe(usual);
      await server.stop();
    },
  );
});

it('the reason is logged, and not in the answer', async () => {
  const server = await startRedisServer();
  const output = captureOutput();
  const ask = await loadReadFunction(importGlobalStats, { REDIS_URL: server.url, POWERTOOLS_LOG_LEVEL: 'ERROR' });
  await server.stop();
  await answersNot(ask).finally(output.restore);
  expect(JSON.parse(output.text())).toMatchObject({
    level: 'ERROR',
    message: 'Redis could not be read',
    function_request_id: lambdaContext.awsRequestId,
    error: {
      name: 'RedisUnavailableError',
      cause: { message: 'Redis cannot be reached', cause: { code: 'ECONNREFUSED' } },
    },
  });
});

it('after a failover the new primary is read although the connection to the old one is still open', async () => {
  const [old, promoted] = await Promise.all([startRedisServer(), startRedisServer()]);
  const proxy = await startTcpProxy(old.port);
  const ask = await loadReadFunction(importGlobalStats, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  expect(await status(ask)).toBe(200);
  process.kill(old.pid, 'SIGSTOP');
  proxy.leadTo(promoted.port);
  expect(await status(ask)).toBe(200);
  process.kill(old.pid, 'SIGCONT');
  await Promise.all([proxy.stop(), old.stop(), promoted.stop()]);
});

it('503 with a wrong password; with the right one the database of the URL is read', async () => {
  const server = await startRedisServer();
  const redis = new Redis(server.url, { db: 1 });
  await redis.hset('global:stats', { total_orders: 1, total_revenue: '0.50' });
  await redis.config('SET', 'requirepass', 'secret');
  const load = (password: string) => {
    const url = `${server.url.replace('redis://', `redis://${password}`)}/1`;
    return loadReadFunction(importGlobalStats, { REDIS_URL: url });
  };
  const detail = 'An operator has to change a setting; the logs say which.';
  await answersNot(await load(''), detail);
  await answersNot(await load(':wrong@'), detail);
  const ask = await load(':secret@');
  expect((await ask(event)).body).toBe('{"total_orders":1,"total_revenue":0.5}');
  redis.disconnect();
  await server.stop();
});

it('a missing REDIS_URL fails at start with one message', async () => {
  await expect(loadReadFunction(importGlobalStats, { REDIS_URL: undefined })).rejects.toThrow(
    'A setting is missing or invalid: REDIS_URL is missing. See',
  );
});

it.each<[string, (redis: Redis) => Promise<unknown>]>([
  ['a string', (redis) => redis.set('user:U5678', 'text')],
  ['an amount that is none', (redis) => redis.hset('user:U5678', { order_count: 1, total_spend: 'seven' })],
  ['an amount with parts of a cent', (redis) => redis.hset('user:U5678', { order_count: 1, total_spend: '7.005' })],
  ['a number of orders that is none', (redis) => redis.hset('user:U5678', { order_count: '-1', total_spend: '7' })],
])('a corrupt key is a 500, never a wrong figure, and the log names it: %s', async (_, corruption) => {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  const output = captureOutput();
  const environment = { REDIS_URL: server.url, POWERTOOLS_LOG_LEVEL: 'ERROR' };
  const ask = await loadReadFunction(() => import('../../functions/getUserStats.ts'), environment);
  await corruption(redis);
  const response = await ask(event).finally(output.restore);
  expect(response.statusCode).toBe(500);
  expect(JSON.parse(response.body)).toMatchObject({
    type: 'urn:problem-type:orders:corrupt-key',
    detail: 'An operator has to repair a stored value; the logs of this request name the key.',
  });
  expect(output.text()).toMatch(/"CorruptKeyError".*user:U5678 has an unexpected value/);

  await redis.del('user:U5678');
  expect(await status(ask)).toBe(404);
  redis.disconnect();
  await server.stop();
  vi.unstubAllEnvs();
});
