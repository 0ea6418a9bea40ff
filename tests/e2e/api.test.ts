import { expect, it } from 'vitest';
import { get, globalTotals, request } from './support/api.ts';
import { apiUrlOf } from './support/endpoint.ts';
import { newId, orderOf } from './support/orders.ts';
import { send, settled } from './support/queues.ts';

/* What the API answers at its URL. */

it('the API answers ranges of months, of one user and of all', async () => {
  const user = newId('user');
  const { orders } = await globalTotals('?from=1999-01&to=1999-12');
  const placed = { order_timestamp: '1999-07-01T00:00:00Z' };
  await send(orderOf(user, 1.1, placed), orderOf(user, 2.2, placed), orderOf(user, 4));
  await settled();
  expect(await get(`/users/${user}/stats?from=1999-06&to=1999-07`)).toMatchObject({
    status: 200,
    body: {
      order_count: 2,
      total_spend: 3.3,
      from: '1999-06',
      to: '1999-07',
      granularity: 'month',
      series: [
        { period: '1999-06', orders: 0, revenue: 0 },
        { period: '1999-07', orders: 2, revenue_cents: 330, revenue: 3.3 },
      ],
    },
  });
  expect((await globalTotals('?from=1999-01&to=1999-12')).orders).toBe(orders + 2);
});

it('the API answers the users that spent most', async () => {
  const user = newId('most');
  // More in every run than in all before.
  const price = (1e10 + Math.floor(Date.now() / 1000)) / 100;
  await send(orderOf(user, price));
  await settled();
  expect(await get('/top-users?limit=1')).toMatchObject({
    status: 200,
    body: { users: [{ rank: 1, user_id: user, total_spend: price, order_count: 1 }] },
  });
});

it('the API answers that it is well, what it is, and a page to look at', async () => {
  expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok', stage: 'local' } });
  expect(await get('/openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
  const page = await request('GET', '/dashboard');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toMatch(/^<!doctype html>/);
});

it('the API answers 304 to whoever has the answer', async () => {
  for (const path of ['/openapi.json', '/dashboard', '/stats/global?from=1998-01&to=1998-12']) {
    const etag = (await request('GET', path)).headers.get('etag') ?? '';
    const again = await fetch(apiUrlOf('local') + path, { headers: { 'If-None-Match': etag } });
    expect([path, again.status, again.headers.get('etag'), await again.text()]).toEqual([path, 304, etag, '']);
  }
});

it.each([
  [404, '/users/nobody-at-all/stats'],
  [400, '/users/no%20user/stats'],
  [400, '/users/a%2Fb/stats'],
  [400, '/users/%7Ba%7D/stats'],
  [400, '/users/%00/stats'],
  [400, '/stats/global?from=2024-13'],
  [400, '/stats/global?from=&to='],
  [400, '/stats/global?to=2024-01&to=2024-02'],
  [400, '/top-users?limit=1e3'],
  [400, '/users/shop%253A9012/stats'],
  [400, '/stats/global?form=2024-01'],
  [400, '/health?verbose=1'],
  [400, `/top-users?limit=${'9'.repeat(10_000)}`],
])('the API answers %i with problem details for %s', async (status, path) => {
  const answer = await get(path);
  expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } });
});

it('the API answers other methods, and routes that there are none of', async () => {
  const head = await request('HEAD', '/stats/global');
  expect([head.status, head.headers.get('cache-control'), await head.text()]).toEqual([200, 'private, no-cache', '']);
  const post = await request('POST', '/stats/global');
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  const options = await request('OPTIONS', '/stats/global');
  expect([options.status, options.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  // Of gateway responses LocalStack knows only the status.
  expect((await request('GET', '/nope')).status).toBe(404);
});
