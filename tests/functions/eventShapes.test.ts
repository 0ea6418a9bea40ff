import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { type Ask, type ImportFunction, loadReadFunction } from '../support/readFunction.ts';

/*
 * The read functions behind other services than the REST API that serverless.yml deploys: each event is answered, or
 * refused with one clear message. The events in events/shapes/ have the form that the documentation of AWS shows.
 */

const server = await startRedisServer();
const redis = new Redis(server.url);
await redis.hset('user:U5678', { order_count: 3, total_spend: '30.00', '2024-10': '1 10.00', '2024-12': '2 20.00' });
await redis.hset('user:shop:9012', { order_count: 1, total_spend: '1.00', '2024-12': '1 1.00' });
await redis.hset('global:stats', {
  total_orders: 3,
  total_revenue: '30.00',
  '2024-10': '1 10.00',
  '2024-12': '2 20.00',
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const eventOf = (shape: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`events/shapes/${shape}.json`, 'utf8'));

const load = (importFunction: ImportFunction) => loadReadFunction(importFunction, { REDIS_URL: server.url });
const ofUser = await load(() => import('../../functions/getUserStats.ts'));
const ofAll = await load(() => import('../../functions/getGlobalStats.ts'));
const topUsers = await load(() => import('../../functions/getTopUsers.ts'));
const health = await load(() => import('../../functions/getHealth.ts'));

const IN_RANGE = { from: '2024-11', to: '2024-12' };

const bodyOf = async (answer: ReturnType<Ask>) => JSON.parse((await answer).body);

const SHAPES = ['rest-api', 'http-api-payload-1', 'http-api-payload-2', 'function-url'] as const;

/** The same event with another id in its path and another query, as the service would send it. */
function eventFor(shape: (typeof SHAPES)[number], path: string, query: string): unknown {
  const event = eventOf(shape);
  const text = new URLSearchParams(query);
  // HTTP APIs decode the path; REST APIs and function URLs do not.
  const [, id = ''] = /^\/users\/(.*)\/stats$/.exec(shape.startsWith('http') ? decodeURIComponent(path) : path) ?? [];
  const all = Object.fromEntries([...text.keys()].map((name) => [name, text.getAll(name)]));
  const joined = Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.join(',')]));
  const last = Object.fromEntries(text);
  const pathParameters = { user_id: id };
  switch (shape) {
    case 'rest-api':
      return { ...event, path, pathParameters, queryStringParameters: last, multiValueQueryStringParameters: all };
    case 'http-api-payload-1':
      return { ...event, pathParameters, queryStringParameters: last, multiValueQueryStringParameters: all };
    case 'http-api-payload-2':
      return { ...event, pathParameters, rawQueryString: query, queryStringParameters: joined };
    case 'function-url':
      return { ...event, rawPath: path, rawQueryString: query, queryStringParameters: joined };
  }
}

describe.each(SHAPES)('an event of %s', (shape) => {
  it('is answered with its path, its query and its method', async () => {
    const user = await ofUser(eventOf(shape));
    expect(user.statusCode).toBe(200);
    expect(JSON.parse(user.body)).toMatchObject({ user_id: 'U5678', order_count: 2, ...IN_RANGE });
    expect(await bodyOf(ofAll(eventOf(shape)))).toMatchObject({ total_orders: 2, ...IN_RANGE });
  });

  it('is refused for a parameter that is unknown or repeated', async () => {
    expect(await bodyOf(health(eventOf(shape)))).toMatchObject({
      status: 400,
      errors: [{ detail: 'from is not a parameter of this route, which takes none' }, { parameter: 'to' }],
    });
    const twice = eventFor(shape, '/users/U5678/stats', 'from=2024-11&from=2024-12&to=2024-12');
    expect(await bodyOf(ofUser(twice))).toMatchObject({ status: 400, errors: [{ detail: 'from must be given once' }] });
  });

  it('is decoded once: an encoded id and an encoded query are answered, an id that was encoded twice is not', async () => {
    const encoded = eventFor(shape, '/users/shop%3A9012/stats', 'to=2024%2D12');
    expect(await bodyOf(ofUser(encoded))).toMatchObject({ user_id: 'shop:9012', to: '2024-12', order_count: 1 });
    const twice = eventFor(shape, '/users/shop%253A9012/stats', 'to=2024-12');
    expect(await bodyOf(ofUser(twice))).toMatchObject({ status: 400, errors: [{ parameter: 'user_id' }] });
  });

  it('is answered with 304 if the caller has the answer, however the header is written', async () => {
    const { headers } = await ofAll(eventOf(shape));
    const event = eventOf(shape);
    for (const name of ['If-None-Match', 'if-none-match']) {
      const again = await ofAll({ ...event, headers: { ...Object(event.headers), [name]: headers.ETag } });
      expect(again.statusCode).toBe(304);
    }
  });

  it('is answered without a query', async () => {
    const event = eventOf(shape);
    const none = { queryStringParameters: null, multiValueQueryStringParameters: null, rawQueryString: '' };
    expect(await bodyOf(ofAll({ ...event, ...none }))).toEqual({ total_orders: 3, total_revenue: 30 });
  });
});

it('an event with only queryStringParameters is answered with them', async () => {
  const queryStringParameters = { from: '2024-11', to: '2024-12' };
  expect(await bodyOf(ofAll({ httpMethod: 'GET', queryStringParameters }))).toMatchObject({ total_orders: 2 });
  const event = { ...eventOf('http-api-payload-2'), rawQueryString: undefined, queryStringParameters };
  expect(await bodyOf(ofAll(event))).toMatchObject({ total_orders: 2 });
  const unknown = { httpMethod: 'GET', queryStringParameters: { from: '2024-11', until: '2024-12' } };
  expect(await bodyOf(ofAll(unknown))).toMatchObject({ status: 400, parameter: 'until' });
});

it('a path with a stage before it, or a slash after it, has the same parameters', async () => {
  for (const rawPath of ['/dev/users/U5678/stats', '/users/U5678/stats/']) {
    expect(await bodyOf(ofUser({ ...eventOf('function-url'), rawPath }))).toMatchObject({ user_id: 'U5678' });
  }
  const elsewhere = { ...eventOf('function-url'), rawPath: '/stats/U5678' };
  expect(await bodyOf(ofUser(elsewhere))).toMatchObject({ status: 400, detail: 'user_id is required' });
});

it('the path of a default route of an HTTP API is decoded already', async () => {
  const event = { ...eventOf('http-api-payload-2'), pathParameters: undefined };
  const of = (id: string) => bodyOf(ofUser({ ...event, rawPath: `/users/${id}/stats` }));
  expect(await of('shop:9012')).toMatchObject({ user_id: 'shop:9012' });
  expect(await of('shop%3A9012')).toMatchObject({ status: 400, parameter: 'user_id' });
});

it('an event of payload 2.0 that leaves out all it may is answered', async () => {
  const event = { version: '2.0', requestContext: { http: { method: 'GET' } }, pathParameters: { user_id: 'U5678' } };
  expect(await bodyOf(ofUser(event))).toMatchObject({ user_id: 'U5678', order_count: 3 });
});

it('path parameters that the route does not know, as of a proxy resource, are ignored', async () => {
  const event = { ...eventOf('rest-api'), pathParameters: { proxy: 'users/U5678/stats' } };
  expect(await bodyOf(ofUser(event))).toMatchObject({ user_id: 'U5678', order_count: 2 });
});

it('an event with payload 2.0 of another method is answered by that method', async () => {
  const event = eventOf('http-api-payload-2');
  const by = (method: string) => ofAll({ ...event, requestContext: { http: { method } } });
  expect((await by('DELETE')).statusCode).toBe(405);
  expect(await by('HEAD')).toMatchObject({ statusCode: 200, body: '' });
});

it.each(['load-balancer', 'load-balancer-multi-value'])(
  'an event of %s is refused with one clear message',
  async (shape) => {
    for (const ask of [ofUser, ofAll, topUsers, health]) {
      const response = await ask(eventOf(shape));
      expect(response.statusCode).toBe(501);
      expect(JSON.parse(response.body)).toMatchObject({
        type: 'urn:problem-type:orders:unsupported-event',
        detail: 'Use API Gateway or a function URL; load balancers are not supported.',
      });
    }
  },
);
