import type { Context } from 'aws-lambda';
import { startFauxqs } from 'fauxqs';
import pMap from 'p-map';
import { startRedisServer } from '../dev/servers/redisServer.ts';
import type { Answer } from '../lib/http/answer.ts';
import { globalStatsKey, userStatsKey } from '../lib/stats/keys.ts';
import { periodsOf } from '../lib/stats/periods.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { type Add, inRounds, median, type Options, quantile } from './figures.ts';
import { makeLoad } from './load.ts';
import { rateOf, targetOf } from './target.ts';

type Handler = (event: unknown, context: Context) => Promise<Answer>;
type ReadRequest = { readonly route: string; readonly handler: Handler; readonly event: unknown };

const RANGE = { from: '2015-01', to: '2024-12' };
const MONTH = { from: '2024-12', to: '2024-12' };
const IN_FLIGHT = [1, 100];
const REQUESTS = 2000;
const USERS = 10_000;
const USER = 'U7';

/** Measures each route on the statistics of 10,000 users, with 120 months that all have orders. */
export async function measureReads({ rounds }: Options, add: Add): Promise<void> {
  const server = await startRedisServer();
  const target = await targetOf(server);
  await rateOf(target, makeLoad(USERS, 1000, { users: USERS }), 1);
  const months = Object.fromEntries(periodsOf({ unit: 'month', ...RANGE }).map((month) => [month, '12345 1234567.89']));
  for (const key of [globalStatsKey(''), userStatsKey('', USER)]) await target.redis.hset(key, months);
  const sqs = await startFauxqs({ port: 0, logger: false });
  const queueUrls = ['orders-queue', 'orders-queue-dlq'].map((name) => sqs.createQueue(name).queueUrl);
  const routes = await loadRoutes(server.url, sqs.address, queueUrls);
  await inRounds(rounds, add, async (add) => {
    for (const route of routes) {
      for (const inFlight of IN_FLIGHT) await measure(route, inFlight, add);
    }
  });
  await Promise.all([target.stop(), sqs.stop()]);
}

async function loadRoutes(
  url: string,
  sqsAddress: string,
  [queueUrl, deadLetterQueueUrl]: readonly string[],
): Promise<ReadRequest[]> {
  Object.assign(process.env, {
    REDIS_URL: url,
    STAGE: 'bench',
    VERSION: '0',
    QUEUE_URL: queueUrl,
    DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    AWS_ENDPOINT_URL: sqsAddress,
    AWS_REGION: 'us-east-1',
    // A profile would take precedence over these credentials.
    AWS_PROFILE: '',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  const { handler: ofAll } = await import('../functions/getGlobalStats.ts');
  const { handler: ofUser } = await import('../functions/getUserStats.ts');
  const { handler: topUsers } = await import('../functions/getTopUsers.ts');
  const { handler: overview } = await import('../functions/getOverview.ts');
  const { handler: health } = await import('../functions/getHealth.ts');
  const user = { user_id: USER };
  return [
    { route: '/health', handler: health, event: get({}) },
    { route: '/stats/global', handler: ofAll, event: get({}) },
    { route: '/stats/global, 1 month', handler: ofAll, event: get(MONTH) },
    { route: '/stats/global, 120 months', handler: ofAll, event: get(RANGE) },
    { route: '/users/{user_id}/stats', handler: ofUser, event: get({}, user) },
    { route: '/users/{user_id}/stats, 120 months', handler: ofUser, event: get(RANGE, user) },
    { route: '/top-users, 10', handler: topUsers, event: get({ limit: '10' }) },
    { route: '/top-users, 100', handler: topUsers, event: get({ limit: '100' }) },
    { route: '/overview', handler: overview, event: get({}) },
  ];
}

const get = (query: Record<string, string>, pathParameters: Record<string, string> | null = null) => ({
  httpMethod: 'GET',
  pathParameters,
  multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
});

async function measure({ route, handler, event }: ReadRequest, inFlight: number, add: Add): Promise<void> {
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const started = performance.now();
    const { statusCode, body } = await handler(event, lambdaContext);
    times.push(performance.now() - started);
    if (statusCode !== 200) throw new Error(`${statusCode}: ${body}`);
  };
  const started = performance.now();
  await pMap(Array.from({ length: REQUESTS }), ask, { concurrency: inFlight });
  const seconds = (performance.now() - started) / 1000;
  add('reads', route, `${inFlight} in flight`, REQUESTS / seconds);
  add('latency', route, `${inFlight} in flight: median`, median(times));
  add('latency', route, `${inFlight} in flight: 99 %`, quantile(times, 0.99));
}
