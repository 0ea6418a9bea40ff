import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import { Redis } from 'ioredis';
import pMap from 'p-map';
import { globalMonth, userMonth } from '../lib/stats/keys.ts';
import { monthsOf } from '../lib/stats/months.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { loadHandler } from './handler.ts';
import { makeLoad } from './orders.ts';
import { quantile } from './statistics.ts';
import { countAll } from './timing.ts';

/** Milliseconds from the event to the answer of a function of the API, with so many requests at once. */
export type ReadResult = {
  readonly route: string;
  readonly inFlight: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requestsPerSecond: number;
};

type Handler = (event: unknown, context: Context) => Promise<APIGatewayProxyResult>;

const RANGE = { from: '2015-01', to: '2024-12' };
const IN_FLIGHT = [1, 10, 100];
const REQUESTS = 2000;
const WARM_UP = 500;
const USERS = 10_000;

/** Measures each route on the statistics of 10,000 users, with 120 months that all have orders. */
export async function measureReads(url: string): Promise<ReadResult[]> {
  await fill(url);
  Object.assign(process.env, { REDIS_URL: url, STAGE: 'bench', VERSION: '0' });
  const { handler: globalStats } = await import('../functions/getGlobalStats.ts');
  const { handler: userStats } = await import('../functions/getUserStats.ts');
  const { handler: topUsers } = await import('../functions/getTopUsers.ts');
  const { handler: health } = await import('../functions/getHealth.ts');
  const user = { user_id: 'U7' };
  const routes: [route: string, handler: Handler, event: unknown][] = [
    ['/health', health, get({})],
    ['/stats/global', globalStats, get({})],
    ['/stats/global, 120 months', globalStats, get(RANGE)],
    ['/users/{user_id}/stats', userStats, get({}, user)],
    ['/users/{user_id}/stats, 120 months', userStats, get(RANGE, user)],
    ['/top-users, 10', topUsers, get({ limit: '10' })],
    ['/top-users, 100', topUsers, get({ limit: '100' })],
  ];
  const results: ReadResult[] = [];
  for (const [route, handler, event] of routes) {
    for (const inFlight of IN_FLIGHT) results.push({ route, inFlight, ...(await measure(handler, event, inFlight)) });
  }
  return results;
}

async function fill(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  const count = await loadHandler(url);
  await countAll(count, makeLoad(USERS, 1000, { users: USERS }), 1);
  const pipeline = redis.pipeline();
  for (const month of monthsOf(RANGE)) {
    pipeline.hset(globalMonth(month), { total_orders: '12345', total_revenue: '1234567.89' });
    pipeline.hset(userMonth('U7', month), { order_count: '12', total_spend: '1234.56' });
  }
  await pipeline.exec();
  redis.disconnect();
}

const get = (query: Record<string, string>, pathParameters: Record<string, string> | null = null) => ({
  httpMethod: 'GET',
  pathParameters,
  multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
});

async function measure(handler: Handler, event: unknown, inFlight: number) {
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const started = performance.now();
    const { statusCode, body } = await handler(event, lambdaContext);
    times.push(performance.now() - started);
    if (statusCode !== 200) throw new Error(`${statusCode}: ${body}`);
  };
  const askAll = (requests: number) => pMap(Array.from({ length: requests }), ask, { concurrency: inFlight });
  await askAll(WARM_UP);
  times.length = 0;
  const started = performance.now();
  await askAll(REQUESTS);
  const seconds = (performance.now() - started) / 1000;
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), requestsPerSecond: REQUESTS / seconds };
}
