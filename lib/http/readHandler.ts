import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Redis } from 'ioredis';
import * as v from 'valibot';
import { readerConfig } from '../config.ts';
import { logger } from '../observability.ts';
import { RedisConnection } from '../redis.ts';
import { problem } from './respond.ts';

/** Reads from Redis; throws when Redis does not answer. */
export type Read = <T>(use: (redis: Redis) => Promise<T>) => Promise<T>;

/** What a read function makes of a request: checks its parameters, reads, answers. */
export type Route = (read: Read, pathParameters: Readonly<Record<string, string>>) => Promise<APIGatewayProxyResult>;

/** Together under a second, the longest that a caller waits to hear that Redis is away. */
const LIMITS = { connectMs: 400, commandMs: 400 };

/** The Lambda handler of a route: answers 503 where reading fails. Every answer carries the request id of the logs. */
export function readHandler(route: Route): (event: unknown, context: Context) => Promise<APIGatewayProxyResult> {
  const connection = new RedisConnection(readerConfig(process.env).redisUrl, LIMITS);
  const read: Read = async (use) => {
    const redis = await connection.open();
    try {
      return await use(redis);
    } catch (error) {
      connection.drop(redis);
      throw error;
    }
  };

  return async (event, context) => {
    const response = await answer(route, read, event);
    return { ...response, headers: { ...response.headers, 'X-Request-Id': context.awsRequestId } };
  };
}

async function answer(route: Route, read: Read, event: unknown): Promise<APIGatewayProxyResult> {
  try {
    return await route(read, pathParametersOf(event));
  } catch (error) {
    logger.error('Redis could not be read', { error });
    const detail = 'The statistics cannot be read at the moment. Try again in a few seconds.';
    return problem(503, 'Service Unavailable', detail, { 'Retry-After': '5' });
  }
}

const WithPathParameters = v.object({ pathParameters: v.record(v.string(), v.string()) });

/** Whether parameters arrive percent-encoded differs between gateways; decoding once more leaves ids as they are. */
function pathParametersOf(event: unknown): Record<string, string> {
  const parsed = v.safeParse(WithPathParameters, event);
  const parameters = parsed.success ? parsed.output.pathParameters : {};
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decode(value)]));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
