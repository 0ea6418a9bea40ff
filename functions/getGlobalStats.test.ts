import type { APIGatewayProxyResult } from 'aws-lambda';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../scripts/local/redisServer.ts';
import { captureOutput } from '../tests/support/captureOutput.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { inNewContainer } from '../tests/support/newContainer.ts';
import { sampleEvent } from '../tests/support/sampleEvent.ts';

let server: RedisServer;
let redis: Redis;
let get: (event: unknown) => Promise<APIGatewayProxyResult>;

const load = async (environment: Record<string, string | undefined>) => {
  const { handler } = await inNewContainer(environment, () => import('./getGlobalStats.ts'));
  return (event: unknown) => handler(event, lambdaContext);
};

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

describe('GET /stats/global', () => {
  it('answers the sample event with the orders and the revenue of all users', async () => {
    await redis.hset('global:stats', { total_orders: '2500', total_revenue: '199999.95' });
    const response = await get(sampleEvent('getGlobalStats'));
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('{"total_orders":2500,"total_revenue":199999.95}');
    expect(response.headers).toEqual({
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      'Strict-Transport-Security': 'max-age=63072000',
      'X-Request-Id': lambdaContext.awsRequestId,
    });
  });

  it('answers zeros when nothing was counted', async () => {
    const response = await get(sampleEvent('getGlobalStats'));
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body)).toEqual({ total_orders: 0, total_revenue: 0 });
  });

  it('keeps the cents of a revenue of trillions', async () => {
    await redis.hset('global:stats', { total_orders: '9007199254740991', total_revenue: '9007199254740.91' });
    const response = await get(sampleEvent('getGlobalStats'));
    expect(response.body).toBe('{"total_orders":9007199254740991,"total_revenue":9007199254740.91}');
  });

  it.each([{}, null, 'text', { pathParameters: null }])('needs nothing of the event, case %#', async (event) => {
    expect((await get(event)).statusCode).toBe(200);
  });
});

describe('while Redis is away', () => {
  const answersNot = async (ask: typeof get) => {
    const response = await ask(sampleEvent('getGlobalStats'));
    expect(response.statusCode).toBe(503);
    expect(response.headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'Retry-After': '5',
      'X-Request-Id': lambdaContext.awsRequestId,
    });
    expect(JSON.parse(response.body)).toMatchObject({ status: 503, title: 'Service Unavailable' });
  };

  it('answers 503 with Retry-After, tells nothing of the reason, and logs it', async () => {
    const other = await startRedisServer();
    const output = captureOutput();
    const ask = await load({ REDIS_URL: other.url, POWERTOOLS_LOG_LEVEL: 'ERROR' });
    await other.stop();
    await answersNot(ask).finally(output.restore);
    expect(JSON.parse(output.text())).toMatchObject({
      level: 'ERROR',
      message: 'Redis could not be read',
      error: { message: 'Redis cannot be reached', cause: { code: 'ECONNREFUSED' } },
    });
  });

  it.each(['met before', 'never met'])(
    'answers 503 while a Redis hangs that it %s, and again at once after',
    async (when) => {
      const ask = await load({ REDIS_URL: server.url });
      if (when === 'met before') await ask(sampleEvent('getGlobalStats'));
      process.kill(server.pid, 'SIGSTOP');
      await answersNot(ask).finally(() => process.kill(server.pid, 'SIGCONT'));
      expect((await ask(sampleEvent('getGlobalStats'))).statusCode).toBe(200);
    },
  );

  it('answers 503 where Redis wants another password, and reads the database that the URL names with the right one', async () => {
    const url = (password: string) => `${server.url.replace('redis://', `redis://${password}`)}/1`;
    await redis.pipeline().select(1).hset('global:stats', { total_orders: 1, total_revenue: '0.50' }).select(0).exec();
    await redis.config('SET', 'requirepass', 'secret');
    await answersNot(await load({ REDIS_URL: url('') }));
    await answersNot(await load({ REDIS_URL: url(':wrong@') }));
    const ask = await load({ REDIS_URL: url(':secret@') });
    expect((await ask(sampleEvent('getGlobalStats'))).body).toBe('{"total_orders":1,"total_revenue":0.5}');
    await redis.config('SET', 'requirepass', '');
  });
});

describe('in the environment', () => {
  it('a missing REDIS_URL stops the function before its first request, with one message', async () => {
    await expect(load({ REDIS_URL: undefined })).rejects.toThrow(
      'The environment is not complete: REDIS_URL is missing. See',
    );
  });
});
