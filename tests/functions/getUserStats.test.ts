import { expect, it } from 'vitest';
import { getEvent, readFunction } from '../support/readFunction.ts';
import { sampleEvent } from '../support/sampleEvent.ts';

const { redis, ask } = await readFunction(() => import('../../functions/getUserStats.ts'));

const getUser = (user_id: string, query: Record<string, string> = {}) => ask(getEvent({ user_id }, query));

it('the sample event is answered with orders and spend of its user', async () => {
  await redis.hset('user:U5678', { order_count: '10', total_spend: '759.90' });
  const response = await ask(sampleEvent('getUserStats'));
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'Content-Type': 'application/json' });
  expect(response.body).toBe('{"user_id":"U5678","order_count":10,"total_spend":759.9}');
});

it('each user has separate totals', async () => {
  await redis.hset('user:A', { order_count: '1', total_spend: '0.01' });
  await redis.hset('user:a', { order_count: '2', total_spend: '1000000000.00' });
  expect(JSON.parse((await getUser('A')).body)).toEqual({ user_id: 'A', order_count: 1, total_spend: 0.01 });
  expect(JSON.parse((await getUser('a')).body)).toEqual({ user_id: 'a', order_count: 2, total_spend: 1e9 });
});

it.each([
  ['as it is', 'shop:9012@eu+x=1', 'shop:9012@eu+x=1'],
  ['percent-encoded', 'shop%3A9012%40eu%2Bx%3D1', 'shop:9012@eu+x=1'],
  ['with a plus, which is no space in a path', 'a+b', 'a+b'],
])('an id %s is valid', async (_, given, id) => {
  await redis.hset(`user:${id}`, { order_count: '1', total_spend: '5.00' });
  expect(JSON.parse((await getUser(given)).body)).toEqual({ user_id: id, order_count: 1, total_spend: 5 });
});

it('404 for a user without orders', async () => {
  const response = await ask(sampleEvent('getUserStats-unknown'));
  expect(response.statusCode).toBe(404);
  expect(response.headers).toMatchObject({ 'Content-Type': 'application/problem+json' });
  expect(JSON.parse(response.body)).toEqual({
    type: 'urn:problem-type:orders:unknown-user',
    title: 'The user is not known',
    status: 404,
    detail: 'No order of user U0000 was counted.',
    instance: 'urn:uuid:8f5a1b1e-0000-4000-8000-000000000000',
  });
});

it.each([
  ['empty', ''],
  ['too long', 'U'.repeat(129)],
  ['of 10 kB', 'U'.repeat(10_000)],
  ['with a space', 'a%20b'],
  ['with a slash', 'a%2Fb'],
  ['with braces', '%7BU5678%7D'],
  ['with an asterisk', '*'],
  ['with markup', '%3Cscript%3E'],
  ['with a null character', 'a%00'],
  ['with an emoji', 'a%F0%9F%8E%89'],
  ['encoded twice', 'shop%253A9012'],
  ['that is no percent-encoding', '%E0%A4%A'],
])('400 that names the parameter for an id %s', async (_, id) => {
  const response = await getUser(id);
  expect(response.statusCode).toBe(400);
  expect(JSON.parse(response.body)).toEqual({
    type: 'urn:problem-type:orders:invalid-parameter',
    title: 'A parameter is not valid',
    status: 400,
    detail: expect.stringMatching(/^user_id must be 1 to 128 characters/),
    instance: 'urn:uuid:8f5a1b1e-0000-4000-8000-000000000000',
    parameter: 'user_id',
    errors: [{ parameter: 'user_id', detail: expect.stringMatching(/^user_id must be 1 to 128 characters/) }],
  });
});

const OTHER_TYPES = { httpMethod: 7, path: 7, rawPath: 7, rawQueryString: 7, pathParameters: 7, headers: 7 };

it.each([
  {},
  null,
  [],
  'text',
  OTHER_TYPES,
  { pathParameters: null },
  { pathParameters: {} },
  sampleEvent('getGlobalStats'),
])(
  'GET /users/{user_id}/stats answers 400 that names the parameter for an event without it, case %#',
  async (event) => {
    const response = await ask(event);
    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({ detail: 'user_id is required' });
  },
);

it('a user id in the query is an unknown parameter', async () => {
  await redis.hset('user:A', { order_count: '1', total_spend: '1.00' });
  const response = await getUser('A', { user_id: 'A' });
  expect([response.statusCode, JSON.parse(response.body).errors]).toEqual([
    400,
    [{ parameter: 'user_id', detail: 'user_id is not a parameter of this route, the nearest one is from' }],
  ]);
});

it('400 that names all parameters that are not valid, in the path and in the query', async () => {
  const response = await getUser('*', { from: '2024-13', to: '2024-12-13' });
  const { errors } = JSON.parse(response.body);
  expect(errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(['user_id', 'from', 'to']);
});

it('a range of months is summed up, and each month listed', async () => {
  const months = { '1997-01': '1 11.10', '1997-03': '2 0.20', '1998-01': '4 100.00' };
  await redis.hset('user:A', { order_count: 7, total_spend: '111.30', ...months });
  await redis.hset('user:B', { order_count: 8, total_spend: '5.00', '1997-02': '8 5.00' });
  const response = await getUser('A', { from: '1997-01', to: '1997-03' });
  expect(JSON.parse(response.body)).toEqual({
    user_id: 'A',
    currency: 'USD',
    from: '1997-01',
    to: '1997-03',
    granularity: 'month',
    order_count: 3,
    total_spend: 11.3,
    total_spend_cents: 1130,
    all_time: { order_count: 7, total_spend: 111.3, total_spend_cents: 11130 },
    series: [
      { period: '1997-01', orders: 1, revenue_cents: 1110, revenue: 11.1 },
      { period: '1997-02', orders: 0, revenue_cents: 0, revenue: 0 },
      { period: '1997-03', orders: 2, revenue_cents: 20, revenue: 0.2 },
    ],
  });
});

it('a range without orders is zeros for a known user, 404 for an unknown one', async () => {
  await redis.hset('user:A', { order_count: 1, total_spend: '1.00' });
  const range = { from: '2024-01', to: '2024-03' };
  const response = await getUser('A', range);
  expect(response.statusCode).toBe(200);
  expect(JSON.parse(response.body)).toMatchObject({ user_id: 'A', order_count: 0, total_spend: 0, ...range });
  expect((await getUser('B', range)).statusCode).toBe(404);
});

it('400 for the same ranges as /stats/global', async () => {
  for (const query of [{ from: '2024-13' }, { from: '2024-02', to: '2024-01' }, { from: '2014-01', to: '2024-01' }]) {
    const response = await getUser('A', query);
    expect(response.statusCode).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({ parameter: 'from' });
  }
});

it('400 for a day: users have only months', async () => {
  const response = await getUser('A', { from: '2024-01-01' });
  expect(response.statusCode).toBe(400);
  const detail = 'from must be a month from 1970-01 to 9999-12, as YYYY-MM';
  expect(JSON.parse(response.body)).toMatchObject({ parameter: 'from', detail });
});
