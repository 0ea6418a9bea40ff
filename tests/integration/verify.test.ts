import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { parseOrder } from '../../lib/orders/order.ts';
import { generateMessages } from '../../scripts/shared/generator.ts';
import { oneLineBody, orderBody } from '../support/orderMessage.ts';
import { runVerify } from '../support/runCommand.ts';
import { startScriptedRedis } from '../support/scriptedRedis.ts';
import { type ScriptResult, startScript } from '../support/startScript.ts';

const TOP_USERS = 'global:top-users';
const LEDGER = 'global:ledger:orders';

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

const verify = (...args: string[]): Promise<ScriptResult> => runVerify(args, { REDIS_URL: server.url });

/** For a few cases, which show that exit code and output of the command are those of {@link verify}. */
const verifyProcess = (...args: string[]): Promise<ScriptResult> =>
  startScript('scripts/verify.ts', args, { REDIS_URL: server.url }).result;

/** The differences that `npm run verify` finds. */
async function differencesOf(path: string): Promise<unknown[]> {
  const { stdout } = await verify('--json', '--file', path);
  return JSON.parse(stdout).differences;
}

const row = (key: string, field: string, expected: string | null, actual: unknown, corrupt = false) => {
  return { key, field, expected, actual, corrupt };
};

async function fileOf(content: string | Buffer, name = 'orders.jsonl'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** Counts the valid messages, as the worker does. */
async function count(bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 100) {
    const parsed = bodies.slice(start, start + 100).map((body) => parseOrder(body));
    const verdicts = await countOrders(
      redis,
      parsed.flatMap((result) => (result.ok ? [result.order] : [])),
    );
    expect(verdicts.filter(({ kind }) => kind === 'corrupt')).toEqual([]);
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

test('a file with duplicates, conflicts and invalid lines is equal to the Redis that counted it, and is summed up', async () => {
  const { bodies, conflicts } = messagesWithConflicts();
  await count(bodies);
  const path = await fileOf(gzipSync(`${bodies.join('\n')}\n\nno JSON\n`), 'orders.jsonl.gz');
  const { code, stdout } = await verifyProcess('--file', path);
  expect(code).toBe(0);
  const [orders, revenue] = await redis.hmget('global:stats', 'total_orders', 'total_revenue');
  const users = await redis.zcard(TOP_USERS);
  expect(stdout).toContain(`lines: ${bodies.length + 1}\norders: ${orders}, revenue ${revenue}\nusers: ${users}, `);
  expect(stdout).toContain(
    `\ncancelled: 0\nsuperseded: 0\nduplicates: 200\nconflicts: ${conflicts} (for each of these orders the first line`,
  );
  expect(stdout).toMatch(/\ninvalid: 201\n {2}line \d+ of orders\.jsonl\.gz: /);
  expect(stdout).toMatch(/\nNo difference: all \d+ totals, the leaderboard and the ledger are as expected\n$/);
});

test('a conflict is a difference when SQS delivered the second line first', async () => {
  const bodies = [orderBody(), orderBody({ user_id: 'U2' })];
  await count(bodies.toReversed());
  const { code, stdout } = await verify('--file', await fileOf(bodies.join('\n')));
  expect(stdout).toContain('the first line is assumed to be the one that was counted');
  expect(stdout).toMatch(/\nDifferences: 9\n/);
  expect(code).toBe(1);
});

test('one order may be indented over several lines, but a file without a valid order is an error', async () => {
  const without = await fileOf('no JSON\n{"order_id":"A"}\n{"order_id":"B"}\n', 'bad.jsonl');
  const { code, stdout, stderr } = await verify('--file', without);
  expect(stderr).toMatch(/^There is no valid order in [^\n]*bad\.jsonl, so nothing was compared: line 1 [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const indented = JSON.stringify(JSON.parse(orderBody()), null, 2);
  await count([indented]);
  expect(await verify('--file', await fileOf(indented))).toMatchObject({ code: 0 });
});

test('amended and cancelled orders may be counted in any order', async () => {
  const bodies = Array.from({ length: 300 }, (_, n) => {
    const item = { product_id: 'P1', quantity: 1 + (n % 7), price_per_unit: 1.5 };
    const order_timestamp = new Date(Date.now() - n * 3_600_000).toISOString();
    const placed = {
      order_id: `O${n}`,
      user_id: `U${n % 40}`,
      order_timestamp,
      order_value: item.quantity * 1.5,
      items: [item],
    };
    const amended = { ...placed, order_version: 2, order_value: 1.5, items: [{ ...item, quantity: 1 }] };
    const cancelled = {
      order_id: `O${n}`,
      user_id: `U${n % 40}`,
      order_timestamp,
      order_version: 3,
      order_status: 'cancelled',
    };
    return [placed, n % 2 === 0 ? amended : placed, n % 10 === 0 ? cancelled : placed].map((order) =>
      JSON.stringify(order),
    );
  }).flat();
  const shuffled = bodies.toSorted((a, b) => (hash('md5', a) < hash('md5', b) ? -1 : 1));
  await count([...shuffled, ...bodies]);
  const { code, stdout } = await verify('--file', await fileOf(bodies.join('\n')));
  expect(stdout).toContain('lines: 900\norders: 270, ');
  expect(stdout).toContain('\ncancelled: 30\nsuperseded: 300\nduplicates: 300\nconflicts: 0\n');
  expect(stdout).toMatch(/\nNo difference: /);
  expect(code).toBe(0);
  await redis.hincrby('user:U3', 'order_count', 1);
  expect(await verify('--file', await fileOf(bodies.join('\n')))).toMatchObject({ code: 1 });
});

test('a leaderboard that was cut down is right; missing and extra members, and too few of them, are differences', async () => {
  const bodies = Array.from({ length: 2500 }, (_, n) =>
    oneLineBody({ value: `${1 + n}`, price: `${1 + n}` })
      .replace('ORD1', `ORD${n}`)
      .replace('U1', `U${n}`),
  );
  await count(bodies);
  const path = await fileOf(bodies.join('\n'));
  expect((await verify('--file', path)).stdout).toMatch(/\nNo difference: all 5003 totals, the leaderboard/);
  const [last = ''] = await redis.zrange(TOP_USERS, 0, '0');
  await redis.zrem(TOP_USERS, 'U2450', last);
  await redis.zadd(TOP_USERS, 1, 'U0');
  expect(await differencesOf(path)).toEqual([
    row(TOP_USERS, 'U0', null, '1'),
    row(TOP_USERS, last, `${Number(last.slice(1)) + 1}.00`, null),
    row(TOP_USERS, 'U2450', '2451.00', null),
  ]);
  await redis.zremrangebyrank(TOP_USERS, 0, (await redis.zcard(TOP_USERS)) - 1000);
  expect((await differencesOf(path)).at(-1)).toEqual(row(TOP_USERS, 'members', '1000 or more', '999'));
});

test('an order in two files is a duplicate', async () => {
  const bodies = [orderBody(), oneLineBody({ value: '0.3', price: '0.1', quantity: '3' })];
  await count(bodies);
  const parts = [await fileOf(bodies.join('\n'), 'a.jsonl'), await fileOf(`${bodies[1]}`, 'b.jsonl')];
  const { code, stdout } = await verify(...parts.flatMap((path) => ['--file', path]));
  expect(stdout).toContain(
    'orders: 2, revenue 100.29\nusers: 2, months: 1\ncancelled: 0\nsuperseded: 0\nduplicates: 1\n',
  );
  expect(code).toBe(0);
});

test('a file of dlq purge is a file of orders', async () => {
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

test('a JSON array is refused', async () => {
  const { code, stdout, stderr } = await verify('--file', await fileOf(`[${orderBody()}]`, 'orders.json'));
  expect(stderr).toMatch(/^Cannot read [^\n]*orders\.json: line 1 is an array, [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

const bodies = [orderBody(), oneLineBody({ value: '0.3', price: '0.1', quantity: '3' })];
test.each([
  {
    name: 'a grand total that is off by a cent',
    corruption: () => redis.hset('global:stats', 'total_revenue', '100.30'),
    rows: [row('global:stats', 'total_revenue', '100.29', '100.30')],
  },
  {
    name: 'a month that counted an order twice',
    corruption: () => redis.hset('user:U1', '2024-12', '2 0.30'),
    rows: [row('user:U1', '2024-12', '1 0.30', '2 0.30')],
  },
  {
    name: 'a missing user',
    corruption: () => redis.del('user:U1'),
    rows: [
      row('user:U1', 'order_count', '1', null),
      row('user:U1', 'total_spend', '0.30', null),
      row('user:U1', '2024-12', '1 0.30', null),
    ],
  },
  {
    name: 'an extra user',
    corruption: () => redis.hset('user:U9', { order_count: 1, total_spend: '5.00' }),
    rows: [row('user:U9', 'order_count', null, '1'), row('user:U9', 'total_spend', null, '5.00')],
  },
  {
    name: 'an extra month',
    corruption: () => redis.hset('global:stats', '2025-01', '1 5.00'),
    rows: [row('global:stats', '2025-01', null, '1 5.00')],
  },
  {
    name: 'a day that lost an order, and an extra day',
    corruption: () => redis.hset('global:days', { '2024-12-13': '1 99.99', '2024-12-14': '1 0.3' }),
    rows: [
      row('global:days', '2024-12-13', '2 100.29', '1 99.99'),
      row('global:days', '2024-12-14', null, '1 0.3', true),
      row(LEDGER, '2024-12-13', '1 99.99', '2 100.29'),
    ],
  },
  {
    name: 'a missing month',
    corruption: () => redis.hdel('global:stats', '2024-12'),
    rows: [row('global:stats', '2024-12', '2 100.29', null)],
  },
  {
    name: 'an extra month of a user',
    corruption: () => redis.hset('user:U1', '2025-01', '1 5.00'),
    rows: [row('user:U1', '2025-01', null, '1 5.00')],
  },
  {
    name: 'a leaderboard score that is off by a cent, an extra member and a missing one',
    corruption: () => redis.multi().zadd(TOP_USERS, 0.31, 'U1', 7, 'U9').zrem(TOP_USERS, 'U5678').exec(),
    rows: [
      row(TOP_USERS, 'U1', '0.30', '0.31'),
      row(TOP_USERS, 'U9', null, '7'),
      row(TOP_USERS, 'U5678', '99.99', null),
    ],
  },
  {
    name: 'an equal amount with 3 decimals',
    corruption: () => redis.hset('user:U1', 'total_spend', '0.300'),
    rows: [row('user:U1', 'total_spend', '0.30', '0.300', true)],
  },
  {
    name: 'a key of another type',
    corruption: () => redis.multi().del('user:U1').set('user:U1', 'text').exec(),
    rows: [row('user:U1', 'type', 'hash', 'not a hash', true)],
  },
  {
    name: 'fields named like properties of every JavaScript object',
    corruption: () =>
      redis.multi().hset('user:U1', '__proto__', '1 5.00').hset('global:stats', 'constructor', 'x').exec(),
    rows: [row('global:stats', 'constructor', null, 'x', true), row('user:U1', '__proto__', null, '1 5.00')],
  },
  {
    name: 'totals with an expiry',
    corruption: () => redis.multi().expireat('global:days', 4e9).expireat('user:U1', 4e9).exec(),
    rows: [
      row('global:days', 'expiry', null, '2096-10-02T07:06:40.000Z'),
      row('user:U1', 'expiry', null, '2096-10-02T07:06:40.000Z'),
    ],
  },
  {
    name: 'a corrupt floor of a leaderboard',
    corruption: () => redis.set('global:top-users:floor', 'junk'),
    rows: [row('global:top-users:floor', 'value', '<cents> <user id>', 'junk', true)],
  },
  {
    name: 'a floor of another type',
    corruption: () => redis.sadd('global:top-users:floor', 'x'),
    rows: [row('global:top-users:floor', 'type', 'string', 'not a string', true)],
  },
  {
    name: 'the last user missing from a leaderboard without a floor',
    corruption: () => redis.zrem(TOP_USERS, 'U1'),
    rows: [row(TOP_USERS, 'U1', '0.30', null)],
  },
  {
    name: 'a negative number of messages, and an unknown field',
    corruption: () => redis.hset('global:messages', { duplicates: '-1', constructor: '5' }),
    rows: [
      row('global:messages', 'duplicates', 'a whole number', '-1', true),
      row('global:messages', 'constructor', null, '5'),
    ],
  },
  {
    name: 'a checkpoint that is no number, beside a fence, which may be any text',
    corruption: () => redis.hset('global:checkpoint', { until: 'yesterday', fence: 'run 7' }),
    rows: [row('global:checkpoint', 'until', 'a whole number', 'yesterday', true)],
  },
  {
    name: 'an unknown field of a checkpoint',
    corruption: () => redis.hset('global:checkpoint', '__proto__', '5'),
    rows: [row('global:checkpoint', '__proto__', null, '5')],
  },
  {
    name: 'a checkpoint of another type that expires',
    corruption: () => redis.set('global:checkpoint', 'text', 'EXAT', 4e9),
    rows: [
      row('global:checkpoint', 'type', 'hash', 'not a hash', true),
      row('global:checkpoint', 'expiry', null, '2096-10-02T07:06:40.000Z'),
    ],
  },
])('a difference is reported: $name', async ({ corruption, rows }) => {
  await count(bodies);
  await corruption();
  const { code, stdout, stderr } = await verify('--json', '--file', await fileOf(bodies.join('\n')));
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    summary: {
      lines: 2,
      orders: 2,
      revenue: '100.29',
      users: 2,
      months: 1,
      cancelled: 0,
      superseded: 0,
      duplicates: 0,
      conflicts: { count: 0, first: [] },
      invalid: { count: 0, first: [] },
    },
    differences: rows,
  });
});

/** An order of today: its ledger must remember it. */
const recent = JSON.stringify({ ...JSON.parse(orderBody()), order_timestamp: new Date().toISOString() });
const hour = JSON.parse(recent).order_timestamp.slice(0, 13);
const today = hour.slice(0, 10);

/** The only bucket of the ledger: its field and its value. */
async function onlyBucket(): Promise<[field: Buffer, bucket: Buffer]> {
  const [, fields] = await redis.hscanBuffer(LEDGER, 0);
  const at = fields.findIndex((field, index) => index % 2 === 0 && field.length === 4);
  return [fields[at] ?? Buffer.of(), fields[at + 1] ?? Buffer.of()];
}

/** Changes a byte of the only bucket. */
async function changeByte(at: number, change: (byte: number) => number): Promise<void> {
  const [field, bucket] = await onlyBucket();
  bucket.writeUInt8(change(bucket.readUInt8(at)), at);
  await redis.hset(LEDGER, field, bucket);
}

/** Moves the stamps of the only bucket, which has one short record. */
async function moveStamps(periods: number): Promise<void> {
  for (const at of [0, 3 + 20]) await changeByte(at, (byte) => (byte + periods) & 255);
}

const PERIOD_SECONDS = 864_000;
const period = Math.floor(Date.now() / 1000 / PERIOD_SECONDS);
/** The first day of a period, counted from the current one. */
const periodStart = (ahead: number) => new Date((period + ahead) * PERIOD_SECONDS * 1000).toISOString().slice(0, 10);

const FORGOTTEN = row(LEDGER, today, '1 99.99', '0 0.00');

test.each([
  { name: 'is gone', corruption: () => redis.del(LEDGER), rows: [FORGOTTEN] },
  {
    name: 'is of another type',
    corruption: () => redis.multi().del(LEDGER).set(LEDGER, 'x').exec(),
    rows: [row(LEDGER, 'type', 'hash', 'not a hash', true)],
  },
  {
    name: 'has lost a bucket',
    corruption: async () => redis.hdel(LEDGER, (await onlyBucket())[0]),
    rows: [row(LEDGER, 'records', '1, as its state says', '0'), FORGOTTEN],
  },
  {
    name: 'has lost its state',
    corruption: () => redis.hdel(LEDGER, 'state'),
    rows: [row(LEDGER, 'state', 'five numbers', 'none', true)],
  },
  {
    name: 'has a corrupt state',
    corruption: () => redis.hset(LEDGER, 'state', '1 4095 0 0 0'),
    rows: [row(LEDGER, 'state', 'five numbers', '1 4095 0 0 0', true)],
  },
  {
    name: 'has a latest stamp beyond all dates',
    corruption: () => redis.hset(LEDGER, 'state', '1 4096 0 0 99999999999'),
    rows: [row(LEDGER, 'state', 'five numbers', '1 4096 0 0 99999999999', true)],
  },
  {
    name: 'holds a wrong amount',
    corruption: () => changeByte(3 + 16, (byte) => byte - 1),
    rows: [
      row(LEDGER, 'ORD1234', `version 1 99.99 ${hour} user df3cd8`, expect.stringMatching(/^version 1 99\.98 /)),
      row(LEDGER, today, '1 99.99', '1 99.98'),
    ],
  },
  {
    name: 'holds another hour of the day',
    corruption: () => changeByte(3 + 19, (byte) => byte ^ 1),
    rows: expect.arrayContaining([row(LEDGER, 'ORD1234', `version 1 99.99 ${hour} user df3cd8`, expect.any(String))]),
  },
  {
    name: 'holds an order under another id',
    corruption: () => changeByte(3 + 7, (byte) => byte ^ 1),
    rows: [row(LEDGER, 'orders in none of the files', '0', '1')],
  },
  {
    name: 'holds half a record',
    corruption: async () => {
      const [field, bucket] = await onlyBucket();
      return redis.hset(LEDGER, field, bucket.subarray(0, -1));
    },
    rows: [
      row(LEDGER, expect.stringMatching(/^bucket \d+$/), 'whole records of this bucket', expect.any(String), true),
      row(LEDGER, 'records', '1, as its state says', '0'),
      FORGOTTEN,
    ],
  },
  {
    name: 'holds a record in the wrong bucket, and a field that is no bucket',
    corruption: async () => {
      const [field, bucket] = await onlyBucket();
      const other = Buffer.from(field);
      other.writeUInt32BE((field.readUInt32BE() + 1) % 4096);
      return redis.multi().hdel(LEDGER, field).hset(LEDGER, other, bucket).hset(LEDGER, 'x', 'y').exec();
    },
    rows: expect.arrayContaining([
      row(LEDGER, 'x', null, '1 bytes', true),
      row(LEDGER, 'orders in none of the files', '0', '1'),
    ]),
  },
  {
    name: 'understates the age of its oldest record',
    corruption: () => changeByte(3 + 20, (byte) => byte - 1),
    rows: [
      row(LEDGER, expect.stringMatching(/^bucket \d+$/), 'whole records of this bucket', expect.any(String), true),
      row(LEDGER, 'records', '1, as its state says', '0'),
      FORGOTTEN,
    ],
  },
  {
    name: 'has forgotten its order by the stamp',
    corruption: () => moveStamps(-5),
    rows: [row(LEDGER, 'ORD1234', `stamp ${periodStart(0)} or later`, `stamp ${periodStart(-5)}`)],
  },
  {
    name: 'would be dropped before its last order is forgotten',
    corruption: async () => {
      const state = (await redis.hget(LEDGER, 'state')) ?? '';
      const earlier = state.replace(/\d+$/, (latest) => `${Number(latest) - 2}`);
      await redis.hset(LEDGER, 'state', earlier);
      return redis.expireat(LEDGER, (period + 2) * PERIOD_SECONDS);
    },
    rows: [
      row(LEDGER, 'latest stamp', `${periodStart(0)} or later`, periodStart(-2)),
      row(LEDGER, 'expiry', `${periodStart(4)}T00:00:00.000Z or later`, `${periodStart(2)}T00:00:00.000Z`),
    ],
  },
  {
    name: 'expires too early',
    corruption: async () => redis.expire(LEDGER, 3600),
    rows: [row(LEDGER, 'expiry', expect.stringMatching(/Z or later$/), expect.stringMatching(/Z$/))],
  },
  {
    name: 'never expires',
    corruption: async () => redis.persist(LEDGER),
    rows: [row(LEDGER, 'expiry', expect.stringMatching(/Z or later$/), 'none')],
  },
])('a ledger that $name is reported even though all totals are right', async ({ corruption, rows }) => {
  await count([recent]);
  const path = await fileOf(recent);
  await corruption();
  expect(await differencesOf(path)).toEqual(rows);
});

const HOURS = 'global:hours';
const hourAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 13);

test.each([
  {
    name: 'an hour that lost its order, and an extra one',
    corruption: () => redis.multi().hset(HOURS, hourAgo(80), '1 5.00').hdel(HOURS, hour).exec(),
    rows: [row(HOURS, hour, '1 99.99', null), row(HOURS, hourAgo(80), null, '1 5.00')],
  },
  {
    name: 'a corrupt hour',
    corruption: () => redis.hset(HOURS, hour, '1 99.9'),
    rows: [row(HOURS, hour, '1 99.99', '1 99.9', true)],
  },
  {
    name: 'hours that expire',
    corruption: () => redis.expireat(HOURS, 4e9),
    rows: [row(HOURS, 'expiry', null, '2096-10-02T07:06:40.000Z')],
  },
  {
    name: 'hours of another type',
    corruption: () => redis.multi().del(HOURS).set(HOURS, 'x').exec(),
    rows: [row(HOURS, 'type', 'hash', 'not a hash', true)],
  },
  {
    name: 'nothing wrong with an hour that Redis need not keep',
    corruption: () => redis.hset(HOURS, hourAgo(97), '1 5.00'),
    rows: [],
  },
])('$name is reported', async ({ corruption, rows }) => {
  await count([recent]);
  await corruption();
  expect(await differencesOf(await fileOf(recent))).toEqual(rows);
});

const daysAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/** Changes when Redis counted its first order. */
const firstCounted = (days: number) =>
  redis.hset('global:checkpoint', 'born', Math.floor(Date.parse(daysAhead(days)) / 1000));

test.each([
  ['a forgotten order', orderBody()],
  ['a forgotten cancelled order', orderBody({ order_status: 'cancelled' })],
])('%s is no difference', async (_, old) => {
  const order = orderBody({ order_id: 'ORD2' });
  await count([old, order]);
  await redis.del(LEDGER);
  await firstCounted(-30);
  expect(await verify('--file', await fileOf([old, order].join('\n')))).toMatchObject({ code: 0 });
});

test('a day that may be forgotten must not have more orders in the ledger than in the totals', async () => {
  await count([orderBody()]);
  await firstCounted(-30);
  await redis.hset('global:days', '2024-12-13', '1 99.98');
  expect(await differencesOf(await fileOf(orderBody()))).toEqual([
    row('global:days', '2024-12-13', '1 99.99', '1 99.98'),
    row(LEDGER, '2024-12-13', 'at most 1 99.98', '1 99.99'),
  ]);
});

test('an order that the ledger has lost is reported whatever its date, if Redis counted its first order recently', async () => {
  await count([orderBody()]);
  await redis.del(LEDGER);
  expect(await differencesOf(await fileOf(orderBody()))).toEqual([row(LEDGER, '2024-12-13', '1 99.99', '0 0.00')]);
});

test('an old cancelled order that Redis lost before its present first order is no difference', async () => {
  const cancelled = [orderBody(), orderBody({ order_version: 2, order_status: 'cancelled' })];
  await count(cancelled);
  await redis.flushall();
  const order = orderBody({ order_id: 'ORD2' });
  await count([order]);
  expect(await differencesOf(await fileOf([...cancelled, order].join('\n')))).toEqual([]);
});

test('a lost cancelled order of the last 29 days is reported even though nothing else is wrong', async () => {
  const cancelled = orderBody({ order_version: 2, order_status: 'cancelled', order_timestamp: daysAhead(-28) });
  await count([cancelled]);
  const path = await fileOf(cancelled);
  expect(await differencesOf(path)).toEqual([]);
  await redis.hdel(LEDGER, (await onlyBucket())[0]);
  await redis.hset(LEDGER, 'state', ((await redis.hget(LEDGER, 'state')) ?? '').replace(/^1 /, '0 '));
  expect(await differencesOf(path)).toEqual([row(LEDGER, 'ORD1234', 'version 2 cancelled user df3cd8', null)]);
});

test('an order dated ahead must be remembered from its date', async () => {
  const body = orderBody({ order_timestamp: daysAhead(100) });
  await count([body]);
  const path = await fileOf(body);
  expect(await differencesOf(path)).toEqual([]);
  await moveStamps(-1);
  expect(await differencesOf(path)).toMatchObject([
    { key: LEDGER, field: 'ORD1234', actual: expect.stringMatching(/^stamp /) },
  ]);
});

test('the stamp that an order gets while the clock of Redis is 400 days behind is no difference', async () => {
  const body = orderBody({ order_timestamp: daysAhead(360) });
  await count([body]);
  await moveStamps(-12);
  expect(await differencesOf(await fileOf(body))).toEqual([]);
});

test('a version with an earlier date keeps the stamp of the one before', async () => {
  const bodies = [orderBody({ order_timestamp: daysAhead(200) }), orderBody({ order_version: 2 })];
  await count(bodies);
  expect(await differencesOf(await fileOf(bodies.join('\n')))).toEqual([]);
});

test('the first line says how many extra orders Redis holds when nothing else differs', async () => {
  await count([...bodies, orderBody({ order_id: 'ORD2', user_id: 'U2' }), orderBody({ order_id: 'ORD3' })]);
  const { code, stdout } = await verify('--file', await fileOf(bodies.join('\n')));
  expect(stdout).toMatch(/\nRedis also holds 2 orders that are in none of the files\.[^\n]*\nDifferences: \d+\n/);
  expect(code).toBe(1);
  await redis.hset('user:U1', 'total_spend', '0.29');
  expect((await verify('--file', await fileOf(bodies.join('\n')))).stdout).not.toContain('Redis also holds');
});

test('differences are printed as a table', async () => {
  await count([orderBody()]);
  await redis.hset('user:U5678', 'total_spend', '99.995');
  const { code, stdout } = await verifyProcess('--file', await fileOf(orderBody()));
  expect(stdout).toMatch(/\nDifferences: 1\n[\s\S]*│ user:U5678 +│ total_spend +│ 99\.99 +│ 99\.995 \(corrupt\) +│\n/);
  expect(code).toBe(1);
});

test('a missing file is reported in one line', async () => {
  const { code, stdout, stderr } = await verify('--file', join(directory, 'nothing.jsonl'));
  expect(stderr).toMatch(/^Cannot read [^\n]*nothing\.jsonl: there is no such file\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('a truncated file is reported in one line, and nothing is compared', async () => {
  const path = await fileOf(gzipSync(orderBody()).subarray(0, -1), 'cut.jsonl.gz');
  const { code, stdout, stderr } = await verify('--file', path);
  expect(stderr).toMatch(/^Cannot read [^\n]*cut\.jsonl\.gz: it is cut short[^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('a Redis that refuses scripts is reported in one line, and ends the command', async () => {
  await redis.call('ACL', 'SETUSER', 'orders', 'on', '>sec#ret', '~*', '+@all', '-eval');
  const url = server.url.replace('//', '//orders:sec%23ret@');
  const { code, stderr } = await verifyProcess('--file', await fileOf(orderBody()), '--redis', url);
  expect(stderr).toMatch(/^Redis at [\d.:]+: The user in the URL of Redis may not run EVAL: [^\n]*\n$/);
  expect(code).toBe(1);
});

test('a Redis that cannot serve now is not said to be missing', async () => {
  const loading = await startScriptedRedis(() => '-LOADING Redis is loading the dataset in memory\r\n');
  onTestFinished(() => loading.stop());
  const url = `redis://127.0.0.1:${loading.port}`;
  const { code, stderr } = await verify('--file', await fileOf(orderBody()), '--redis', url);
  expect(stderr).toBe(
    `Redis at 127.0.0.1:${loading.port} cannot serve this now: LOADING Redis is loading the dataset in memory\n`,
  );
  expect(code).toBe(1);
});

test('a Redis that does not answer is reported in one line without the password', async () => {
  const port = await getPort({ host: '127.0.0.1' });
  const url = `redis://:secret@127.0.0.1:${port}`;
  const { code, stdout, stderr } = await verifyProcess('--file', await fileOf(orderBody()), '--redis', url);
  expect(stderr).toBe(
    `No Redis answers at 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}): name it with --redis\n`,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});
