import type { APIGatewayProxyResult } from 'aws-lambda';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../scripts/local/redisServer.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { inNewContainer } from '../tests/support/newContainer.ts';
import { sampleEvent } from '../tests/support/sampleEvent.ts';
import { startTcpProxy } from '../tests/support/tcpProxy.ts';

let server: RedisServer;
let redis: Redis;
let get: (event: unknown) => Promise<APIGatewayProxyResult>;

const load = async (environment: Record<string, string | undefined>) => {
  const { handler } = await inNewContainer(environment, () => import('./getUserStats.ts'));
  return (event: unknown) => handler(event, lambdaContext);
};

const getUser = (user_id: string) => get({ pathParameters: { user_id } });

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  get = await load({ REDIS_URL: server.url });
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
  vi.unstubAllEnvs();
});

beforeEach(async () => {
  await redis.flushall();
});

describe('GET /users/{user_id}/stats', () => {
  it('answers the sample event with the orders and the spend of its user', async () => {
    await redis.hset('user:U5678', { order_count: '10', total_spend: '759.90' });
    const response = await get(sampleEvent('getUserStats'));
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body)).toEqual({ user_id: 'U5678', order_count: 10, total_spend: 759.9 });
    expect(response.headers).toEqual({
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      'Strict-Transport-Security': 'max-age=63072000',
      'X-Request-Id': lambdaContext.awsRequestId,
    });
  });

  it('answers each user with what is theirs', async () => {
    await redis.hset('user:A', { order_count: '1', total_spend: '0.01' });
    await redis.hset('user:a', { order_count: '2', total_spend: '1000000000.00' });
    expect(JSON.parse((await getUser('A')).body)).toEqual({ user_id: 'A', order_count: 1, total_spend: 0.01 });
    expect(JSON.parse((await getUser('a')).body)).toEqual({ user_id: 'a', order_count: 2, total_spend: 1e9 });
  });

  it.each([
    ['as it is', 'shop:9012@eu+x=1', 'shop:9012@eu+x=1'],
    ['percent-encoded', 'shop%3A9012%40eu%2Bx%3D1', 'shop:9012@eu+x=1'],
    ['with a plus, which is no space in a path', 'a+b', 'a+b'],
  ])('takes an id %s', async (_, given, id) => {
    await redis.hset(`user:${id}`, { order_count: '1', total_spend: '5.00' });
    expect(JSON.parse((await getUser(given)).body)).toEqual({ user_id: id, order_count: 1, total_spend: 5 });
  });

  it('answers 404 for a user without orders', async () => {
    const response = await get(sampleEvent('getUserStats-unknown'));
    expect(response.statusCode).toBe(404);
    expect(response.headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Request-Id': lambdaContext.awsRequestId,
    });
    expect(JSON.parse(response.body)).toEqual({
      type: 'about:blank',
      status: 404,
      title: 'Not Found',
      detail: 'No order of user U0000 was counted.',
    });
  });

  it.each([
    ['empty', ''],
    ['too long', 'U'.repeat(129)],
    ['with a space', 'a%20b'],
    ['with a slash', 'a%2Fb'],
    ['with braces', '%7BU5678%7D'],
    ['with an asterisk', '*'],
    ['with markup', '%3Cscript%3E'],
    ['with a null character', 'a%00'],
    ['encoded twice', 'shop%253A9012'],
    ['that is no percent-encoding', '%E0%A4%A'],
  ])('answers 400 that names the parameter for an id %s', async (_, id) => {
    const response = await getUser(id);
    expect(response.statusCode).toBe(400);
    expect(response.headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Request-Id': lambdaContext.awsRequestId,
    });
    expect(JSON.parse(response.body)).toEqual({
      type: 'about:blank',
      status: 400,
      title: 'Bad Request',
      detail: expect.stringMatching(/^user_id must be 1 to 128 characters/),
    });
  });

  it.each([{}, null, [], 'text', { pathParameters: null }, { pathParameters: {} }, sampleEvent('getGlobalStats')])(
    'answers 400 that names the parameter for an event without it, case %#',
    async (event) => {
      const response = await get(event);
      expect(response.statusCode).toBe(400);
      expect(JSON.parse(response.body)).toMatchObject({ detail: 'user_id must be a string' });
    },
  );
});

describe('while Redis is away', () => {
  it('answers 503 with Retry-After, and the statistics again once it is back', async () => {
    const other = await startRedisServer();
    const ask = await load({ REDIS_URL: other.url });
    const event = sampleEvent('getUserStats');
    expect((await ask(event)).statusCode).toBe(404);
    await other.stop();
    for (const _ of ['the connection that was lost', 'a new one']) {
      const response = await ask(event);
      expect(response.statusCode).toBe(503);
      expect(response.headers).toMatchObject({
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'Retry-After': '5',
        'X-Request-Id': lambdaContext.awsRequestId,
      });
      expect(JSON.parse(response.body)).toEqual({
        type: 'about:blank',
        status: 503,
        title: 'Service Unavailable',
        detail: 'The statistics cannot be read at the moment. Try again in a few seconds.',
      });
    }

    const restarted = await startRedisServer({ port: other.port });
    expect((await ask(event)).statusCode).toBe(404);
    await restarted.stop();
  });
});

describe('after a failover', () => {
  it('reads from the new primary, though the connection to the old one still stands', async () => {
    const old = await startRedisServer();
    const proxy = await startTcpProxy(old.port);
    const ask = await load({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
    await redis.hset('user:U5678', { order_count: '1', total_spend: '99.99' });
    expect((await ask(sampleEvent('getUserStats'))).statusCode).toBe(404);
    process.kill(old.pid, 'SIGSTOP');
    proxy.leadTo(server.port);
    expect((await ask(sampleEvent('getUserStats'))).statusCode).toBe(503);
    expect((await ask(sampleEvent('getUserStats'))).statusCode).toBe(200);
    await Promise.all([proxy.stop(), old.stop()]);
  });
});

describe('in the environment', () => {
  it('a missing REDIS_URL stops the function before its first request, with one message', async () => {
    await expect(load({ REDIS_URL: undefined })).rejects.toThrow(
      'The environment is not complete: REDIS_URL is missing. See',
    );
  });

  it('no QUEUE_URL is needed', async () => {
    await expect(load({ REDIS_URL: server.url, QUEUE_URL: undefined })).resolves.toBeTypeOf('function');
  });
});
