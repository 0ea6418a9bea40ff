import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { objectKey } from '../../lib/archive/objectKey.ts';
import { BUCKET, startArchive, type TestArchive } from '../support/archive.ts';
import { type Deliver, loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { runReplay, runVerify } from '../support/runCommand.ts';
import { failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';
import { type ScriptResult, startScript } from '../support/startScript.ts';

const DAY_MS = 86_400_000;

let server: RedisServer;
let redis: Redis;
/** Another database, which stands for another Redis. */
let other: Redis;
let queue: TestQueue;
let archive: TestArchive;
let worker: Deliver;

beforeAll(async () => {
  [server, queue, archive] = await Promise.all([startRedisServer(), startQueue(), startArchive()]);
  redis = new Redis(server.url);
  other = new Redis(`${server.url}/1`);
  worker = await loadWorker(places());
});
beforeEach(async () => {
  queue.clear();
  archive.clear();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  other.disconnect();
  await Promise.all([server.stop(), queue.stop(), archive.stop()]);
  vi.unstubAllEnvs();
});

/** What the worker needs. */
const places = () => ({
  REDIS_URL: server.url,
  ...queue.environment,
  ...archive.environment,
  POWERTOOLS_METRICS_DISABLED: 'true',
});

const environment = () => ({
  REDIS_URL: server.url,
  ARCHIVE_BUCKET: archive.environment.ARCHIVE_BUCKET,
  AWS_ENDPOINT_URL: archive.endpoint,
});
const replay = (...args: string[]): Promise<ScriptResult> => runReplay(args, environment());
const into = (...args: string[]) => replay('--into', `${server.url}/1`, ...args);
const verify = (url = server.url): Promise<ScriptResult> =>
  runVerify(['--archive'], { ...environment(), REDIS_URL: url });

/** Has the worker count and archive orders. */
async function count(...bodies: string[]): Promise<void> {
  await queue.send(bodies);
  expect(failedIds(await worker(await queue.receive()))).toEqual([]);
}

const orders = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => orderBody({ order_id: `ORD${from + n}`, user_id: `U${(from + n) % 7}` }));

const totalOrders = (of = redis) => of.hget('global:stats', 'total_orders');

/** Writes an object as if a worker had done so this long ago. */
const putOld = (days: number, lines: readonly string[]) =>
  archive.put(objectKey(Date.now() - days * DAY_MS, 'old'), lines);

it('counts what Redis has lost, and nothing twice', async () => {
  await count(
    ...orders(0, 20),
    orderBody({ order_id: 'ORD3', order_version: 2, order_status: 'cancelled', user_id: 'U3' }),
  );
  await redis.flushall();
  await count(...orders(15, 25));
  expect(await totalOrders()).toBe('10');

  const { code, stdout, using } = await replay();
  expect(stdout).toMatch(/^replayed: 31 orders\nrestored: 16\nconflicts: 0\ncheckpoint: 20\d\d-\d\d-\d\dT[\d:]+Z\n$/);
  expect(code).toBe(0);
  expect(using).toMatch(
    new RegExp(`^Using archive ${BUCKET} at http://127\\.0\\.0\\.1:\\d+ and Redis 127\\.0\\.0\\.1:\\d+\n$`),
  );
  expect(await totalOrders()).toBe('24');
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('No difference') });

  expect((await replay()).stdout).toContain('\nrestored: 0\n');
  expect(await totalOrders()).toBe('24');
});

it('verify --archive finds what Redis lacks and what it has too much', async () => {
  await count(...orders(0, 10));
  await redis.hset('user:U1', { order_count: 1 });
  const { code, stdout } = await verify();
  expect(stdout).toMatch(/ user:U1 +│ order_count +│ 2 +│ 1 /);
  expect(code).toBe(1);

  await redis.flushall();
  await count(...orders(0, 10));
  archive.clear();
  await count(...orders(9, 10));
  expect((await verify()).stdout).toContain(
    'Redis also holds 9 orders that are not in the archive. Compare again while no order is on its way\n',
  );
});

it('verify --archive takes what is archived while it reads', async () => {
  await count(...orders(0, 10));
  let isLate = true;
  archive.intercept(async ({ method, key }) => {
    if (!isLate || method !== 'GET' || key === '') return undefined;
    isLate = false;
    await count(...orders(10, 20));
    return undefined;
  });
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lines: 20\n/) });
});

it('verify --archive fails where nothing is archived', async () => {
  expect(await verify()).toEqual({
    code: 1,
    stdout: '',
    stderr: `There is no valid order in archive ${BUCKET}, so nothing was compared\n`,
    using: expect.any(String),
  });
});

it('fills an empty Redis with --into, and compares it with what was replayed, while the worker adds more', async () => {
  await count(...orders(0, 20));
  await count(orderBody({ order_id: 'ORD3', user_id: 'U3', order_version: 2, order_status: 'cancelled' }));
  let isFirst = true;
  archive.intercept(async ({ method, key }) => {
    if (!isFirst || method !== 'GET' || key === '') return undefined;
    isFirst = false;
    await count(...orders(20, 30));
    return undefined;
  });
  const { code, stdout } = await into();
  expect(stdout).toMatch(
    /^replayed: 21 orders\nrestored: 21\n[\s\S]*\nNo difference: .*\nPoint REDIS_URL at 127\.0\.0\.1:\d+\/1/,
  );
  expect(code).toBe(0);
  expect(await totalOrders(other)).toBe('19');

  expect((await replay('--redis', `${server.url}/1`)).stdout).toContain('\nrestored: 10\n');
  expect(await other.hgetall('global:stats')).toEqual(await redis.hgetall('global:stats'));
  expect(await verify(`${server.url}/1`)).toMatchObject({ code: 0 });
});

it('the same --into again goes on with what an interrupted one has left', async () => {
  await putOld(400, orders(0, 10));
  await count(...orders(10, 20));
  archive.intercept(({ method, key }) =>
    method === 'GET' && key.includes(objectKey(Date.now(), '').slice(0, 22)) ? 'AccessDenied' : undefined,
  );
  const { code, stderr } = await into();
  expect(stderr).toMatch(/^S3 at http:\S+ refused: AccessDenied/);
  expect(code).toBe(1);
  archive.intercept();
  expect(await into()).toMatchObject({ code: 0, stdout: expect.stringContaining('No difference') });
  expect(await totalOrders(other)).toBe('20');
});

it('--into ends with exit code 1 where the filled Redis differs from the recount', async () => {
  await count(...orders(0, 10));
  let reads = 0;
  archive.intercept(async ({ method, key }) => {
    // The replay has read the object, and now the recount does.
    if (method === 'GET' && key !== '' && ++reads === 2) await other.hset('user:U1', 'order_count', 7);
    return undefined;
  });
  const { code, stdout } = await into();
  expect(stdout).toMatch(/\nDifferences: 1\n[\s\S]* user:U1 +│ order_count +│ 2 +│ 7 /);
  expect(stdout).not.toContain('Point REDIS_URL');
  expect(code).toBe(1);
});

it('a rebuild in another time zone moves orders to the days of that zone, where the worker knows them', async () => {
  const late = orderBody({ order_timestamp: '2024-12-31T20:00:00Z' });
  await count(late);
  expect(await into('--time-zone', 'Asia/Tokyo')).toMatchObject({ code: 0 });
  expect(await other.hgetall('global:days')).toEqual({ '2025-01-01': '1 99.99' });

  const inTokyo = await loadWorker({ ...places(), REDIS_URL: `${server.url}/1`, TIME_ZONE: 'Asia/Tokyo' });
  await queue.send([late, orderBody({ order_id: 'NEW' })]);
  expect(failedIds(await inTokyo(await queue.receive()))).toEqual([]);
  const env = { ...environment(), REDIS_URL: `${server.url}/1`, TIME_ZONE: 'Asia/Tokyo' };
  expect(await runVerify(['--archive'], env)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('orders: 2, '),
  });
});

it('the archive of npm start is replayed in its time zone, also into another Redis', async () => {
  await count(orderBody({ order_timestamp: '2024-12-31T20:00:00Z' }));
  const running = {
    pid: process.pid,
    redisUrl: server.url,
    queueUrl: queue.environment.QUEUE_URL,
    sqsEndpoint: archive.endpoint,
    archiveBucket: BUCKET,
    apiUrl: '',
    timeZone: 'Asia/Tokyo',
    currency: 'USD',
  };
  expect(await runReplay(['--into', `${server.url}/1`], {}, running)).toMatchObject({ code: 0 });
  expect(await other.hgetall('global:days')).toEqual({ '2025-01-01': '1 99.99' });
});

it('reports conflicts, which a rebuild cures', async () => {
  const [first, second] = [orderBody(), orderBody({ order_timestamp: '2024-12-14T10:00:00Z' })];
  await count(first);
  await redis.flushall();
  await count(second);
  const { code, stdout } = await replay();
  expect(stdout).toMatch(/\nrestored: 0\nconflicts: 1 \(Redis has counted them with other content than the archive: /);
  expect(code).toBe(0);
  expect(await verify()).toMatchObject({ code: 1 });
  expect(await into()).toMatchObject({ code: 0, stdout: expect.stringContaining('No difference') });
  expect(await other.hgetall('global:days')).toEqual({ '2024-12-13': '1 99.99' });
});

it('starts at the checkpoint, or earlier with --from', async () => {
  await count(...orders(0, 10));
  await replay();
  await putOld(3, orders(10, 12));
  expect((await replay()).stdout).toContain('\nrestored: 0\n');
  const from = new Date(Date.now() - 4 * DAY_MS).toISOString();
  expect((await replay('--from', from)).stdout).toContain('\nrestored: 2\n');
  expect((await replay('--from', from.slice(0, 10))).stdout).toContain('replayed: 12 orders\nrestored: 0\n');
});

it('a start that the ledger may have forgotten is for an empty Redis only', async () => {
  await putOld(40, orders(0, 5));
  expect((await replay('--from', '2024-01-01')).stdout).toContain('\nrestored: 5\n');
  const { code, stdout, stderr } = await replay('--from', '2024-01-01');
  expect(stderr).toMatch(
    /^--from is more than 29 days ago, and the ledger of Redis 127\.0\.0\.1:\d+ may have forgotten orders of that time, which would count twice: fill an empty Redis with --into\n$/,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

it('a Redis that was last replayed too long ago is left out, and --into does not take it for an empty one', async () => {
  await putOld(35, orders(0, 5));
  await replay();
  const longAgo = Date.now() - 36 * DAY_MS;
  const seconds = Math.floor(longAgo / 1000);
  for (const one of [redis, other]) {
    await one.hset('global:checkpoint', { born: seconds, until: longAgo, clock: seconds });
    await one.hset('global:stats', { total_orders: 1, total_revenue: '1.00' });
  }
  const sentence =
    /Redis 127\.0\.0\.1:\d+(\/1)? was left out: its last replay is over 29 days ago, its clock was far ahead, or its ledger is gone\. So it may have forgotten orders, which would count twice\. Fill an empty Redis with --into\n$/;
  expect(await replay()).toMatchObject({ code: 1, stdout: expect.stringMatching(sentence) });
  expect(await into()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
});

it('--into refuses a Redis that a worker counts into', async () => {
  await count(...orders(0, 5));
  expect(await replay('--into', server.url)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^A worker has counted into Redis 127\.0\.0\.1:\d+: --into fills an empty Redis, and --redis brings this one what it lacks\n$/,
    ),
  });
});

it.each([
  [
    'a corrupt object',
    async () => putOld(1, ['no order']),
    /^Line 1 of orders\/\S+ is not an order: body must be JSON/,
  ],
  [
    'a corrupt key',
    async () => redis.set('user:U1', 'no hash'),
    /^Redis at \S+: An order cannot be counted: user:U1: WRONGTYPE .*; see "Repair" in docs\/operations\.md\n$/,
  ],
])('stops at %s, and says which one', async (_, corrupt, sentence) => {
  await putOld(2, orders(1, 2));
  await corrupt();
  expect(await replay()).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
});

it.each([
  [
    'a bucket that does not exist',
    ['--bucket', 'nowhere'],
    /^There is no bucket nowhere at http:\S+: name the archive with --bucket\n$/,
  ],
  [
    'an S3 that does not answer',
    ['--endpoint', 'http://127.0.0.1:1'],
    /^No S3 answers at http:\/\/127\.0\.0\.1:1: start the pipeline with npm start, or name it with --endpoint\n$/,
  ],
  ['a Redis that does not answer', ['--redis', 'redis://127.0.0.1:1'], /^No Redis answers at 127\.0\.0\.1:1 /],
  [
    'a stage without a time zone',
    ['--stage', 'prod'],
    /^No time zone is named for stage prod: set --time-zone or TIME_ZONE\n$/,
  ],
])('%s is one sentence', async (_, args, sentence) => {
  const { code, stdout, stderr } = await replay(...args);
  expect(stderr).toMatch(sentence);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

it('Ctrl-C ends it after the orders in flight, and the same command goes on', async () => {
  await putOld(3, orders(0, 20_000));
  await putOld(2, orders(20_000, 20_010));
  const { child, result } = startScript('scripts/replay.ts', [], environment());
  const stopping = new Promise<void>((resolve) =>
    child.stderr?.on('data', (text) => String(text).includes('Stopping') && resolve()),
  );
  archive.intercept(async ({ method, key }) => {
    if (method !== 'GET' || key === '') return undefined;
    if (!child.killed) child.kill('SIGINT');
    await stopping;
    return undefined;
  });
  const { code, stdout } = await result;
  expect(stdout).toMatch(/^replayed: 20000 orders\n[\s\S]*\nStopped before the end. The same command goes on\n$/);
  expect(code).toBe(130);
  archive.intercept();
  expect(await replay()).toMatchObject({ code: 0, stdout: expect.stringContaining('\nrestored: 10\n') });
});

it.each(['session:1', 'user:1'])(
  '--into refuses the database of another application, which has a key %s',
  async (key) => {
    await count(...orders(0, 5));
    await other.set(key, 'of a shop');
    expect(await into()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Redis 127\.0\.0\.1:\d+\/1 holds keys of another application: [^\n]*\n$/),
    });
    expect(await other.keys('*')).toEqual([key]);
  },
);

it('--into warns of a Redis that evicts', async () => {
  await count(...orders(0, 5));
  await redis.config('SET', 'maxmemory-policy', 'volatile-lru');
  const { code, stderr } = await into();
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Warning: Redis evicts keys when its memory is full, [^\n]* not volatile-lru\.$/m);
});
