import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { type ImportFunction, loadReadFunction } from '../support/readFunction.ts';

/*
 * The read functions behind other services than the REST API that serverless.yml deploys: each event is answered, or
 * refused with one clear message. The events in events/shapes/ have the form that the documentation of AWS shows.
 */

const server = await startRedisServer();
const redis = new Redis(server.url);
await redis.hset('user:U5678', { order_count: 3, total_spend: '30.00', '2024-10': '1 10.00', '2024-12': '2 20.00' });
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

describe.each(['rest-api', 'http-api-payload-1', 'http-api-payload-2'])('an event of %s', (shape) => {
  it('an event is answered with its path, its query and its method', async () => {
    const user = await ofUser(eventOf(shape));
    expect(user.statusCode).toBe(200);
    expect(JSON.parse(user.body)).toMatchObject({ user_id: 'U5678', order_count: 2, ...IN_RANGE });
    expect(JSON.parse((await ofAll(eventOf(shape))).body)).toMatchObject({ total_orders: 2, ...IN_RANGE });
    expect((await health(eventOf(shape))).statusCode).toBe(200);
  });
});

it('an event with payload 2.0 of a function URL is answered when the path has no parameter', async () => {
  expect(JSON.parse((await ofAll(eventOf('function-url'))).body)).toMatchObject({ total_orders: 2, ...IN_RANGE });
  expect((await topUsers(eventOf('function-url'))).statusCode).toBe(200);
  const user = await ofUser(eventOf('function-url'));
  expect(user.statusCode).toBe(400);
  expect(JSON.parse(user.body)).toMatchObject({ parameter: 'user_id', detail: 'user_id is required' });
});

it('an event with payload 2.0 of another method is answered by that method', async () => {
  const event = eventOf('http-api-payload-2');
  const by = (method: string) => ofAll({ ...event, requestContext: { http: { method } } });
  expect((await by('DELETE')).statusCode).toBe(405);
  expect(await by('HEAD')).toMatchObject({ statusCode: 200, body: '' });
});

it('in payload 2.0 a repeated parameter is refused, and an encoded one is decoded', async () => {
  const event = eventOf('http-api-payload-2');
  const twice = await ofAll({ ...event, rawQueryString: 'from=2024-11&from=2024-12' });
  expect(JSON.parse(twice.body)).toMatchObject({ status: 400, parameter: 'from' });
  const encoded = await ofAll({ ...event, rawQueryString: 'from=2024%2D11' });
  expect(JSON.parse(encoded.body)).toMatchObject({ from: '2024-11' });
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
