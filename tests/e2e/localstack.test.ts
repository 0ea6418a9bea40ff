import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { orderBody } from '../support/orderMessage.ts';
import { get, getUser, globalTotals, request, userTotals } from './support/api.ts';
import { deploy, dlq, populate, type Result, remove } from './support/commands.ts';
import { expectExactCount, growth } from './support/growth.ts';
import { bury, deadLetters, emptyQueues, queueExists, send, settled, takeDeadLetters } from './support/queues.ts';

/*
 * The stack as a user gets it: deployed with one command, fed through SQS, read through its URLs. Redis may hold what
 * earlier runs counted, so ids and seeds are new in every run.
 */

const newId = (kind: string): string => `${kind}-${randomUUID()}`;
const newSeed = (): number => randomInt(2 ** 32);

/** The body of an order of one piece at this price. */
const orderOf = (user_id: string, price: number, fields: Readonly<Record<string, string>> = {}): string =>
  orderBody({
    order_id: newId('order'),
    user_id,
    order_value: price,
    items: [{ product_id: 'P1', quantity: 1, price_per_unit: price }],
    ...fields,
  });

/** Runs a command that must succeed. */
async function succeeds(command: Promise<Result>): Promise<Result> {
  const result = await command;
  if (result.exitCode !== 0) throw new Error(`It ended with exit code ${result.exitCode}:\n${result.output}`);
  return result;
}

let isDeployed = false;

beforeAll(async () => {
  await succeeds(deploy());
  isDeployed = true;
  await vi.waitFor(checkRedisIsReached, { timeout: 30_000, interval: 500 });
  await emptyQueues();
});
afterAll(async () => {
  // Where the last test did not run.
  if (isDeployed) await succeeds(remove());
});

async function checkRedisIsReached(): Promise<void> {
  const { status, body } = await get('/stats/global');
  const redis = process.env.REDIS_URL || 'redis://redis:6379, as REDIS_URL is not set';
  if (status === 200) return;
  throw new Error(`The functions do not reach Redis at ${redis}. They answered ${status} ${JSON.stringify(body)}`);
}

describe('an order sent to the queue', () => {
  it('counts for its user and in the totals, to the cent', async () => {
    const user = newId('user');
    const grown = await growth(() => send(orderOf(user, 19.99), orderOf(user, 0.02)));
    expect(grown).toEqual({ orders: 2, cents: 2001 });
    expect(await getUser(user)).toEqual({
      status: 200,
      type: 'application/json',
      body: { user_id: user, order_count: 2, total_spend: 20.01 },
    });
  });

  it('counts for a user whose id has characters with a meaning in URLs', async () => {
    const user = `shop:${newId('a')}@eu+1=x`;
    await send(orderOf(user, 5));
    await settled();
    expect(await getUser(user)).toMatchObject({ status: 200, body: { user_id: user, order_count: 1, total_spend: 5 } });
  });

  it('counts once, however often it is sent', async () => {
    const user = newId('user');
    const order = orderOf(user, 12.34);
    const grown = await growth(async () => {
      await send(order, order, orderOf(user, 1), order);
      await settled();
      await send(order);
    });
    expect(grown).toEqual({ orders: 2, cents: 1334 });
    expect(await userTotals(user)).toEqual({ orders: 2, cents: 1334 });
    expect(await takeDeadLetters(0)).toEqual([]);
  });
});

describe('a message that can never be counted', () => {
  it('arrives in the dead-letter queue as it was sent, and holds up no other of its batch', async () => {
    const user = newId('user');
    const invalid = [`{"order_id": "${newId('order')}",  "user_id": 7}`, 'not JSON, and “quoted” <&>'];
    const grown = await growth(() => send(orderOf(user, 1), ...invalid, orderOf(user, 2), orderOf(user, 4)));
    expect(grown).toEqual({ orders: 3, cents: 700 });
    expect(await userTotals(user)).toEqual({ orders: 3, cents: 700 });
    expect(await takeDeadLetters(2)).toEqual(invalid.sort());
  });

  it('is also an order whose id was counted with other content', async () => {
    const [user, orderId] = [newId('user'), newId('order')];
    const conflict = orderOf(user, 30, { order_id: orderId });
    const grown = await growth(async () => {
      await send(orderOf(user, 20, { order_id: orderId }));
      await settled();
      await send(conflict);
    });
    expect(grown).toEqual({ orders: 1, cents: 2000 });
    expect(await userTotals(user)).toEqual({ orders: 1, cents: 2000 });
    expect(await takeDeadLetters(1)).toEqual([conflict]);
  });
});

describe('npm run dlq', () => {
  it('tells the reason of each dead letter, sends back what would count, and archives the rest', async () => {
    const user = newId('user');
    await bury(orderOf(user, 7));
    await send(JSON.stringify({ order_id: newId('order') }));
    await deadLetters(2);

    const { output } = await succeeds(dlq('list', '--json'));
    const reasons = output.match(/"reason":"[^"]*"/g);
    expect(reasons?.sort()).toEqual(['"reason":"user_id is required"', '"reason":"would count now"']);

    expect(await growth(() => succeeds(dlq('redrive', '--only', 'retryable')))).toEqual({ orders: 1, cents: 700 });
    expect(await userTotals(user)).toEqual({ orders: 1, cents: 700 });
    await deadLetters(1);
    await succeeds(dlq('redrive'));
    await settled();
    await deadLetters(1);

    const file = join(mkdtempSync(join(tmpdir(), 'orders-dlq-')), 'archive.jsonl');
    await succeeds(dlq('purge', '--to', file));
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
    expect(await takeDeadLetters(0)).toEqual([]);
  });
});

describe('the API', () => {
  it('answers ranges of months, of one user and of all', async () => {
    const user = newId('user');
    const { orders } = await globalTotals('?from=1999-01&to=1999-12');
    const placed = { order_timestamp: '1999-07-01T00:00:00Z' };
    await send(orderOf(user, 1.1, placed), orderOf(user, 2.2, placed), orderOf(user, 4));
    await settled();
    expect(await get(`/users/${user}/stats?from=1999-01&to=1999-12`)).toMatchObject({
      status: 200,
      body: {
        order_count: 2,
        total_spend: 3.3,
        from: '1999-01',
        to: '1999-12',
        months: [{ month: '1999-07', order_count: 2, total_spend: 3.3 }],
      },
    });
    expect((await globalTotals('?from=1999-01&to=1999-12')).orders).toBe(orders + 2);
  });

  it('answers the users that spent most', async () => {
    const user = newId('most');
    // More in every run than in all before.
    const price = 1e8 + Math.floor(Date.now() / 1000) / 100;
    await send(orderOf(user, price));
    await settled();
    expect(await get('/top-users?limit=1')).toMatchObject({
      status: 200,
      body: { users: [{ rank: 1, user_id: user, total_spend: price, order_count: 1 }] },
    });
  });

  it('answers that it is well, what it is, and a page to look at', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok', stage: 'local' } });
    expect(await get('/openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    const page = await request('GET', '/dashboard');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toMatch(/^<!doctype html>/);
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
    [400, `/top-users?limit=${'9'.repeat(10_000)}`],
  ])('answers %i with problem details for %s', async (status, path) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } });
  });

  it('answers other methods, and routes that there are none of', async () => {
    const head = await request('HEAD', '/stats/global');
    expect([head.status, head.headers.get('cache-control'), await head.text()]).toEqual([200, 'no-store', '']);
    const post = await request('POST', '/stats/global');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await request('OPTIONS', '/stats/global');
    expect([options.status, options.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    // Of gateway responses LocalStack knows the status alone.
    expect((await request('GET', '/nope')).status).toBe(404);
  });
});

describe('generated orders', () => {
  it('are counted exactly while the stack is deployed anew, and read at the same URL after it', async () => {
    const options = { count: 300, users: 10, invalid: 0, duplicates: 0.1, seed: newSeed() };
    await expectExactCount(options, async () => {
      // Sent over 20 s: from before the functions are replaced until after it.
      await Promise.all([succeeds(populate({ ...options, rate: 15 })), succeeds(deploy('--force'))]);
    });
  });

  it('are counted exactly: 500, some of them invalid, some twice', async () => {
    const options = { count: 500, users: 20, invalid: 0.02, duplicates: 0.1, seed: newSeed() };
    await expectExactCount(options, () => succeeds(populate(options)));
  });
});

describe('serverless remove', () => {
  it('deletes the stack and ends without an error', async () => {
    await succeeds(remove());
    isDeployed = false;
    expect(await queueExists()).toBe(false);
  });
});
