import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseOrder } from '../../lib/orders/order.ts';
import { countOrders } from '../../lib/stats/count.ts';
import { defineCountingScript } from '../../lib/stats/countCall.ts';
import { type RedisServer, startRedisServer } from '../../scripts/local/redisServer.ts';
import { generateMessages } from '../../scripts/populate/generate.ts';
import { oneLineBody, orderBody } from '../support/orderMessage.ts';
import { type ScriptResult, startScript } from '../support/startScript.ts';

const TOP_USERS = '{global:stats}:top-users';

let server: RedisServer;
let redis: Redis;
let directory: string;
beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  defineCountingScript(redis);
  directory = await mkdtemp(join(tmpdir(), 'orders-verify-'));
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await rm(directory, { recursive: true });
});

/** Runs the command of `npm run verify`. */
const verify = (...args: string[]): Promise<ScriptResult> =>
  startScript('scripts/verify.ts', args, { REDIS_URL: server.url }).result;

async function fileOf(content: string | Buffer, name = 'orders.jsonl'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** Counts what is valid, as the worker does. */
async function count(bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 100) {
    const parsed = bodies.slice(start, start + 100).map(parseOrder);
    const verdicts = await countOrders(
      redis,
      parsed.flatMap((result) => (result.ok ? [result.order] : [])),
    );
    expect(verdicts.filter(({ kind }) => kind === 'failed')).toEqual([]);
  }
}

/** Generated messages, every tenth of them once more under another user: conflicts where the order was valid. */
function messagesWithConflicts(): { bodies: string[]; conflicts: number } {
  let conflicts = 0;
  const bodies = [
    ...generateMessages({ count: 2000, users: 40, invalid: 0.1, duplicates: 0.1, seed: 3, day: '2026-11-24' }),
  ].flatMap(({ body, kind }, index) => {
    if (kind === 'invalid' || index % 10 > 0) return [body];
    conflicts++;
    return [body, body.replace('"user_id":"', '"user_id":"another-')];
  });
  return { bodies, conflicts };
}

describe('a Redis that counted a file with duplicates, conflicts and invalid lines', () => {
  test('differs in nothing, and the summary says what the file holds', async () => {
    const { bodies, conflicts } = messagesWithConflicts();
    await count(bodies);
    const path = await fileOf(gzipSync(`${bodies.join('\n')}\n\nno JSON\n`), 'orders.jsonl.gz');
    const { code, stdout, stderr } = await verify('--file', path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [orders, revenue] = await redis.hmget('global:stats', 'total_orders', 'total_revenue');
    const users = await redis.zcard(TOP_USERS);
    expect(stdout).toContain(`lines: ${bodies.length + 1}\norders: ${orders}, revenue ${revenue}\nusers: ${users}, `);
    expect(stdout).toContain(`duplicates: 200\nconflicts: ${conflicts} (for each of these orders the first line`);
    expect(stdout).toMatch(/\ninvalid: 201\n {2}line \d+ of orders\.jsonl\.gz: /);
    expect(stdout).toMatch(/\nNo difference: all \d+ totals and the leaderboard are as expected\n$/);
  });

  test('differs where SQS delivered the other one of two conflicting orders first', async () => {
    const bodies = [orderBody(), orderBody({ user_id: 'U2' })];
    await count(bodies.toReversed());
    const { code, stdout } = await verify('--file', await fileOf(bodies.join('\n')));
    expect(stdout).toContain('the first line of the file is assumed to be the one that was counted');
    expect(stdout).toMatch(/\nDifferences: 10\n/);
    expect(code).toBe(1);
  });
});

test('a file may be in parts: an order in both is a duplicate', async () => {
  const bodies = [orderBody(), oneLineBody({ value: '0.3', price: '0.1', quantity: '3' })];
  await count(bodies);
  const parts = [await fileOf(bodies.join('\n'), 'a.jsonl'), await fileOf(`${bodies[1]}`, 'b.jsonl')];
  const { code, stdout } = await verify(...parts.flatMap((path) => ['--file', path]));
  expect(stdout).toContain('orders: 2, revenue 100.29\nusers: 2, months: 1\nduplicates: 1\n');
  expect(code).toBe(0);
});

test('a file may be an archive of dlq purge', async () => {
  await count([orderBody()]);
  const body = JSON.stringify(JSON.parse(orderBody()), undefined, 2);
  const line = JSON.stringify({
    messageId: 'm1',
    sentAt: new Date(0),
    kind: 'counted',
    reason: 'counted already',
    body,
  });
  const { code, stdout } = await verify('--file', await fileOf(`${line}\n`));
  expect(stdout).toContain('lines: 1\norders: 1, revenue 99.99\n');
  expect(code).toBe(0);
});

test('a file that is an array is refused', async () => {
  const { code, stdout, stderr } = await verify('--file', await fileOf(`[${orderBody()}]`, 'orders.json'));
  expect(stderr).toMatch(/^Cannot read [^\n]*orders\.json: line 1 is an array, [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

describe('with orders of U1 and U5678 counted, the difference is named', () => {
  const bodies = [orderBody(), oneLineBody({ value: '0.3', price: '0.1', quantity: '3' })];
  const row = (key: string, field: string, expected: string | null, actual: string | null, damaged = false) => {
    return { key, field, expected, actual, damaged };
  };

  test.each([
    {
      name: 'a grand total that is off by a cent',
      damage: () => redis.hset('global:stats', 'total_revenue', '100.30'),
      rows: [row('global:stats', 'total_revenue', '100.29', '100.30')],
    },
    {
      name: 'a month that counted an order twice',
      damage: () => redis.hset('{user:U1}:month:2024-12', 'order_count', 2),
      rows: [row('{user:U1}:month:2024-12', 'order_count', '1', '2')],
    },
    {
      name: 'a user who is missing',
      damage: () => redis.del('user:U1'),
      rows: [row('user:U1', 'order_count', '1', null), row('user:U1', 'total_spend', '0.30', null)],
    },
    {
      name: 'a user too many',
      damage: () => redis.hset('user:U9', { order_count: 1, total_spend: '5.00' }),
      rows: [row('user:U9', 'order_count', null, '1'), row('user:U9', 'total_spend', null, '5.00')],
    },
    {
      name: 'a month too many',
      damage: () => redis.hset('{global:stats}:month:2025-01', { total_orders: 1, total_revenue: '5.00' }),
      rows: [
        row('{global:stats}:month:2025-01', 'total_orders', null, '1'),
        row('{global:stats}:month:2025-01', 'total_revenue', null, '5.00'),
      ],
    },
    {
      name: 'a month of a user too many',
      damage: () => redis.hset('{user:U1}:month:2025-01', { order_count: 1, total_spend: '5.00' }),
      rows: [
        row('{user:U1}:month:2025-01', 'order_count', null, '1'),
        row('{user:U1}:month:2025-01', 'total_spend', null, '5.00'),
      ],
    },
    {
      name: 'a leaderboard score that is off by a cent, a member too many and one who is missing',
      damage: () => redis.multi().zadd(TOP_USERS, 0.31, 'U1', 7, 'U9').zrem(TOP_USERS, 'U5678').exec(),
      rows: [
        row(TOP_USERS, 'U1', '0.30', '0.31'),
        row(TOP_USERS, 'U9', null, '7'),
        row(TOP_USERS, 'U5678', '99.99', null),
      ],
    },
    {
      name: 'an amount with 3 decimals, though it is the same amount',
      damage: () => redis.hset('user:U1', 'total_spend', '0.300'),
      rows: [row('user:U1', 'total_spend', '0.30', '0.300', true)],
    },
    {
      name: 'a key of another type',
      damage: () => redis.multi().del('user:U1').set('user:U1', 'text').exec(),
      rows: [row('user:U1', 'type', 'hash', 'not a hash', true)],
    },
  ])('$name', async ({ damage, rows }) => {
    await count(bodies);
    await damage();
    const { code, stdout, stderr } = await verify('--json', '--file', await fileOf(bodies.join('\n')));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      summary: {
        lines: 2,
        orders: 2,
        revenue: '100.29',
        users: 2,
        months: 1,
        duplicates: 0,
        conflicts: { count: 0, first: [] },
        invalid: { count: 0, first: [] },
      },
      differences: rows,
    });
  });
});

test('differences are shown as a table', async () => {
  await count([orderBody()]);
  await redis.hset('user:U5678', 'total_spend', '99.995');
  const { code, stdout } = await verify('--file', await fileOf(orderBody()));
  expect(stdout).toMatch(/\nDifferences: 1\n[\s\S]*│ user:U5678 +│ total_spend +│ 99\.99 +│ 99\.995 \(damaged\) +│\n/);
  expect(code).toBe(1);
});

describe('one message tells', () => {
  test('that there is no such file', async () => {
    const { code, stdout, stderr } = await verify('--file', join(directory, 'nothing.jsonl'));
    expect(stderr).toMatch(/^Cannot read [^\n]*nothing\.jsonl: there is no such file\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('that a file is cut short: half of it is not compared', async () => {
    const path = await fileOf(gzipSync(orderBody()).subarray(0, -1), 'cut.jsonl.gz');
    const { code, stdout, stderr } = await verify('--file', path);
    expect(stderr).toMatch(/^Cannot read [^\n]*cut\.jsonl\.gz: it is cut short[^\n]*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('that no Redis answers, without the password', async () => {
    const port = await getPort({ host: '127.0.0.1' });
    const url = `redis://:secret@127.0.0.1:${port}`;
    const { code, stdout, stderr } = await verify('--file', await fileOf(orderBody()), '--redis', url);
    expect(stderr).toBe(
      `Redis at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}. Name another one with --redis\n`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});
