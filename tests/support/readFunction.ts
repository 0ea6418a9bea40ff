import type { Context } from 'aws-lambda';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import type { Answer } from '../../lib/http/answer.ts';
import { lambdaContext } from './lambdaContext.ts';
import { inNewContainer } from './newContainer.ts';

/** Asks a function of the API; resolves to what it answers. */
export type Ask = (event: unknown) => Promise<Answer>;

/** Imports the module of a function, e.g. `() => import('./getUserStats.ts')`. */
export type ImportFunction = () => Promise<{
  handler: (event: unknown, context: Context) => Promise<Answer>;
}>;

/** Where no SQS answers. */
const DEFAULTS = {
  STAGE: 'test',
  VERSION: '1.2.3',
  QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
  DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue-dlq',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
};

/** Loads a function of the API as a new Lambda container does. */
export async function loadReadFunction(
  importFunction: ImportFunction,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Ask> {
  const { handler } = await inNewContainer({ ...DEFAULTS, ...environment }, importFunction);
  return (event) => handler(event, lambdaContext);
}

/** A function of the API that reads a redis-server of its own: empty before each test, gone after the last. */
export async function readFunction(importFunction: ImportFunction): Promise<{ redis: Redis; ask: Ask }> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    vi.unstubAllEnvs();
  });
  return { redis, ask: await loadReadFunction(importFunction, { REDIS_URL: server.url }) };
}

/** The event of a GET; path parameters as they stand in the URL, each query parameter with all its values. */
export const getEvent = (
  pathParameters: Readonly<Record<string, string>> | null,
  query: Readonly<Record<string, string | readonly string[]>> = {},
) => ({
  httpMethod: 'GET',
  pathParameters,
  multiValueQueryStringParameters: Object.fromEntries(
    Object.entries(query).map(([name, values]) => [name, typeof values === 'string' ? [values] : values]),
  ),
});
