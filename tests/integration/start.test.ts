import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type NpmStart, npmStart } from '../../dev/servers/npmStart.ts';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { findQueueUrl, sqsClient } from '../../scripts/shared/sqs.ts';
import { HEADERS_OF_ALL } from '../support/apiAnswer.ts';
import { orderBody } from '../support/orderMessage.ts';
import { redisProcess } from '../support/redisInfo.ts';
import { startScript } from '../support/startScript.ts';

const WAIT = { timeout: 30_000, interval: 50 };

const started: NpmStart[] = [];

function start(environment: Readonly<Record<string, string>>, ...args: string[]): NpmStart {
  const running = npmStart(environment, args);
  started.push(running);
  return running;
}

/** For the files of one test. */
let folder: string;

/** What npm start keeps while it runs, in a temporary folder of this test. */
const ordersFolders = () => readdirSync(folder).filter((name) => name.startsWith('orders-'));

const starts = () => vi.waitFor(() => expect(ordersFolders()).not.toEqual([]), WAIT);

/** A shell that works with AWS: its profile does not exist here, its region has no queue. */
const AWS_SHELL = { AWS_PROFILE: 'expired-sso', AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' };

const runs = (running: NpmStart) => running.addresses();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-start-'));
});

const getJson = async (api: string, path: string) => (await fetch(api + path)).json();
const globalStats = (api: string) => getJson(api, '/stats/global');

const refuses = (url: string) => expect(fetch(url)).rejects.toThrow('fetch failed');

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(async () => {
  for (const running of started.splice(0)) {
    running.signal('SIGKILL');
    await running.exitCode;
  }
  rmSync(folder, { recursive: true, force: true });
});

it('counts the sample orders with their results, stays, and ends with Ctrl-C', async () => {
  const running = start({});
  const { api, sqs, redis } = await running.addresses();
  const table = running.output();
  expect(table).toMatch(/54\s+│ counted\s+│ valid orders, 15806\.41 in all/);
  expect(table).toMatch(/6\s+│ ignored\s+│ counted before, with the same content/);
  expect(table).toMatch(/1\s+│ revised\s+│ order_version 2 counts in place of the first: -\d+\.\d\d /);
  expect(table).toMatch(/1\s+│ cancelled\s+│ order_version 2 is cancelled: -1 order, -\d+\.\d\d /);
  expect(table).toContain('62 sample messages were sent: 53 orders count, 15365.76 in all.\n');
  expect(await globalStats(api)).toEqual({ total_orders: 53, total_revenue: 15365.76 });
  // As the page finds that dead letters need attention.
  expect(await getJson(api, '/pipeline')).toMatchObject({ dead_letters: { waiting: 0 } });
  expect(table).toMatch(/^\n*┌.*Ctrl-C ends everything\.\n+$/s);
  expect(table).not.toContain('invocations');
  const [, verify = ''] = /npm run verify -- (.*)/.exec(table) ?? [];
  const verified = await startScript('scripts/verify.ts', verify.split(' '), { REDIS_URL: redis }).result;
  expect(verified).toMatchObject({ code: 0, stderr: '' });

  const redisPid = await redisProcess(redis);
  running.signal('SIGINT');
  await running.exitCode;
  expect(running.output()).toMatch(/\n0 waiting · 0 dead letters · 54 counted · 2 revised · 6 duplicates\n$/);
  expect(isAlive(redisPid)).toBe(false);
  await refuses(api);
  await refuses(sqs);
  expect(existsSync(verify.split(' ').at(-1) ?? '')).toBe(false);
});

it('two instances at the same time use different ports', async () => {
  const one = start({ SAMPLE_ORDERS: '0' });
  const other = start({ SAMPLE_ORDERS: '0' });
  const places = await Promise.all([one.addresses(), other.addresses()]);
  const urls = new Set(places.flatMap(({ api, sqs, redis }) => [api, sqs, redis]));
  expect(urls.size).toBe(6);
  for (const { api } of places) expect(await globalStats(api)).toEqual({ total_orders: 0, total_revenue: 0 });
});

it('a file says where it runs, and the queue URL in it takes orders', async () => {
  const file = join(folder, 'stack.json');
  const running = start({ SAMPLE_ORDERS: '0', NPM_START_FILE: file });
  const { api, sqs, redis } = await running.addresses();
  const stack = JSON.parse(readFileSync(file, 'utf8'));
  const queueUrl = `${sqs}/000000000000/orders-queue`;
  expect(stack).toEqual({
    pid: expect.any(Number),
    apiUrl: api,
    sqsEndpoint: sqs,
    redisUrl: redis,
    queueUrl,
    archiveBucket: 'orders-archive-local-000000000000',
    timeZone: 'UTC',
    currency: 'USD',
  });
  expect(running.output()).toContain(`Send orders to ${queueUrl}\n`);

  for (const host of ['localhost', 'sqs.us-east-1.localhost', 'sqs.us-east-1.localhost.localstack.cloud']) {
    const client = sqsClient({ endpoint: sqs });
    const order = { QueueUrl: queueUrl.replace('localhost', host), MessageBody: orderBody({ order_id: host }) };
    await client.send(new SendMessageCommand(order));
    expect(await findQueueUrl(client, 'orders-queue')).toBe(queueUrl);
    client.destroy();
  }
  await vi.waitFor(async () => expect(await globalStats(api)).toMatchObject({ total_orders: 3 }), WAIT);
  const verified = await startScript('scripts/verify.ts', ['--archive'], { NPM_START_FILE: file }).result;
  expect(verified).toMatchObject({ code: 0, stderr: '' });

  running.signal('SIGINT');
  await running.exitCode;
  expect(existsSync(file)).toBe(false);
});

it('counts in TIME_ZONE and CURRENCY, and so do the tools, whatever the shell says about AWS', async () => {
  const file = join(folder, 'stack.json');
  const units = { TIME_ZONE: 'Asia/Kathmandu', CURRENCY: 'NPR' };
  const running = start({ NPM_START_FILE: file, ...units, ...AWS_SHELL });
  const { api, sqs } = await running.addresses();
  expect(await getJson(api, '/health')).toMatchObject({ time_zone: units.TIME_ZONE, currency: units.CURRENCY });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ timeZone: units.TIME_ZONE });
  const [, verify = ''] = /npm run verify -- (.*)/.exec(running.output()) ?? [];
  const atStart = { NPM_START_FILE: file };
  const verified = await startScript('scripts/verify.ts', verify.split(' '), atStart).result;
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  const inUtc = await startScript('scripts/verify.ts', [...verify.split(' '), '--time-zone', 'UTC'], atStart).result;
  expect(inUtc.code).toBe(1);

  const client = sqsClient({ endpoint: sqs });
  const MessageBody = orderBody({ order_timestamp: '2023-12-31T18:15:00Z' });
  await client.send(new SendMessageCommand({ QueueUrl: `${sqs}/000000000000/orders-queue`, MessageBody }));
  client.destroy();
  const day = '/stats/global?from=2024-01-01&to=2024-01-01';
  await vi.waitFor(async () => expect(await getJson(api, day)).toMatchObject({ total_orders: 1 }), WAIT);
  expect(await getJson(api, '/pipeline')).toMatchObject({
    messages: { counted: 55, revised: 2 },
    queue: { waiting: 0 },
    dead_letters: { waiting: 0 },
  });
});

it.each([
  // The bundler ends too, and would say so at length.
  ['SIGINT during its start', 'SIGINT', starts],
  ['SIGHUP, as when its terminal is closed', 'SIGHUP', runs],
  // The shell beside Redis cleans up.
  ['SIGKILL', 'SIGKILL', runs],
] as const)('%s ends it without an error, and leaves no folder behind', async (_, signal, untilIt) => {
  const running = start({ SAMPLE_ORDERS: '0', TMPDIR: folder });
  await untilIt(running);
  running.signal(signal);
  await running.exitCode;
  await vi.waitFor(() => expect(ordersFolders()).toEqual([]), WAIT);
  expect(running.output()).not.toContain('Error');
});

it.each(['SIGTERM', 'SIGKILL'] as const)('%s to npm alone ends it too, and leaves nothing behind', async (signal) => {
  const file = join(folder, 'stack.json');
  const running = start({ NPM_START_FILE: file, TMPDIR: folder });
  const { redis } = await running.addresses();
  const redisPid = await redisProcess(redis);
  const { pid } = JSON.parse(readFileSync(file, 'utf8'));
  running.signal(signal, 'npm');
  await running.exitCode;
  await vi.waitFor(() => expect([isAlive(pid), isAlive(redisPid)]).toEqual([false, false]), WAIT);
  expect([existsSync(file), ordersFolders()]).toEqual([false, []]);
});

it('the process of esbuild ends with the one that started it, even without the answer that it waits for', () => {
  const exitWithoutAnswer = `
    require('./esbuild.config.cjs');
    const onLoad = () => {
      // Once a second, esbuild asks whether anybody listens, and waits for the answer.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      process.exit();
    };
    const plugin = { name: 'exit', setup: (build) => build.onLoad({ filter: /./ }, onLoad) };
    const options = { entryPoints: ['functions/getHealth.ts'], plugins: [plugin] };
    require('esbuild').context(options).then((context) => context.watch());`;
  // Returns only when all processes have closed their output.
  const { error, status } = spawnSync(process.execPath, ['-e', exitWithoutAnswer], { timeout: 20_000 });
  expect([error, status]).toEqual([undefined, 0]);
});

it('a Ctrl-C that npm passes on a second time lets it end in order', async () => {
  const file = join(folder, 'stack.json');
  const running = start({ SAMPLE_ORDERS: '0', NPM_START_FILE: file });
  await running.addresses();
  const { pid } = JSON.parse(readFileSync(file, 'utf8'));
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGINT');
  expect(await running.exitCode).toBe(0);
});

describe('npm start without sample orders', () => {
  let running: NpmStart;
  let api: string;
  let redis: string;
  const client = () => sqsClient({ endpoint: sqs });
  let sqs: string;

  beforeAll(async () => {
    running = npmStart({ SAMPLE_ORDERS: '0' }, ['--param', 'replayEvery=rate(1 second)']);
    ({ api, sqs, redis } = await running.addresses());
  });
  afterAll(async () => {
    running.signal('SIGKILL');
    await running.exitCode;
  });

  it('functions reload when their code changes', async () => {
    const now = new Date();
    utimesSync('functions/getHealth.ts', now, now);
    await vi.waitFor(() => expect(running.output()).toContain('The functions have changed'), WAIT);
    expect(await getJson(api, '/health')).toMatchObject({ status: 'ok' });
  });

  it('answers requests to no function as API Gateway does', async () => {
    for (const [path, status, problem] of [
      ['/nope', 404, 'unknown-route'],
      ['/users//stats', 404, 'unknown-route'],
      ['/users/%E0%A4%A/stats', 400, 'refused'],
    ] as const) {
      const response = await fetch(api + path);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      const type = `urn:problem-type:orders:${problem}`;
      expect([path, response.status, await response.json()]).toMatchObject([path, status, { type }]);
    }
    const withCookie = await fetch(`${api}/health`, { headers: { cookie: 'a=b c;;=' } });
    expect(await withCookie.json()).toMatchObject({ status: 'ok', stage: 'local' });
    const preflight = await fetch(`${api}/stats/global`, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-max-age')]).toEqual([200, '600']);
  });

  it('an answer has the headers of its function, and is compressed if it is large', async () => {
    const { headers } = await fetch(`${api}/openapi.json`);
    const ofNode = ['connection', 'content-length', 'date', 'keep-alive'];
    const described = [...HEADERS_OF_ALL, 'Content-Encoding', 'Content-Type', 'ETag'].map((name) => name.toLowerCase());
    expect([...headers.keys()].filter((name) => !ofNode.includes(name))).toEqual(described.sort());
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(headers.get('content-type')).toBe('application/json');
    const again = await fetch(`${api}/openapi.json`, { headers: { 'If-None-Match': headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect((await fetch(`${api}/users/shop%253A9012/stats`)).status).toBe(400);
    expect((await fetch(`${api}/users/shop%3A9012/stats`)).status).toBe(404);
  });

  it('a body nested 20,000 brackets deep becomes a dead letter, and the order behind it counts', async () => {
    expect(await globalStats(api)).toEqual({ total_orders: 0, total_revenue: 0 });
    const sqsOfStart = client();
    const [QueueUrl, deadLetters] = await Promise.all([
      findQueueUrl(sqsOfStart, 'orders-queue'),
      findQueueUrl(sqsOfStart, 'orders-queue-dlq'),
    ]);
    const nested = '['.repeat(20_000) + ']'.repeat(20_000);
    for (const MessageBody of [nested, orderBody()]) {
      await sqsOfStart.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    const one = { total_orders: 1, total_revenue: 99.99 };
    await vi.waitFor(async () => expect(await globalStats(api)).toEqual(one), WAIT);
    await vi.waitFor(async () => {
      const { Messages = [] } = await sqsOfStart.send(new ReceiveMessageCommand({ QueueUrl: deadLetters }));
      expect(Messages.map(({ Body }) => Body === nested)).toEqual([true]);
    }, WAIT);
    sqsOfStart.destroy();
  });

  it('a Redis that lost everything gets it back from the archive, and a line says so', async () => {
    expect(await globalStats(api)).toMatchObject({ total_orders: 1 });
    const client = new Redis(redis);
    await client.flushall();
    client.disconnect();
    const line = '\n1 order was restored after Redis lost it.\n';
    await vi.waitFor(() => expect(running.output()).toContain(line), WAIT);
    expect(await globalStats(api)).toEqual({ total_orders: 1, total_revenue: 99.99 });
    expect(await getJson(api, '/pipeline')).toMatchObject({
      messages: { counted: 0, restored: 1 },
      replayed_until: expect.stringMatching(/Z$/),
    });
  });

  it('counts orders that come while Redis is down once it is back', async () => {
    const sqsOfStart = client();
    const QueueUrl = await findQueueUrl(sqsOfStart, 'orders-queue');
    process.kill(await redisProcess(redis), 'SIGKILL');
    await vi.waitFor(() => expect(running.output()).toContain('It starts again'), WAIT);
    await sqsOfStart.send(new SendMessageCommand({ QueueUrl, MessageBody: orderBody({ order_id: 'ORD2' }) }));
    const patient = { timeout: 110_000, interval: 200 };
    const both = { total_orders: 2, total_revenue: 199.98 };
    await vi.waitFor(async () => expect(await globalStats(api)).toEqual(both), patient);
    sqsOfStart.destroy();
    // Replays failed meanwhile.
    expect(running.output()).not.toContain('Unhandled exception');
  });
});

it('no part outlives a killed process', async () => {
  const running = start({ SAMPLE_ORDERS: '0' });
  const { redis } = await running.addresses();
  const redisPid = await redisProcess(redis);
  running.signal('SIGKILL');
  await vi.waitFor(() => expect(isAlive(redisPid)).toBe(false), WAIT);
});

/** What an npm start prints that ends without Ctrl-C. */
async function lastWords(running: NpmStart): Promise<string[]> {
  expect(await running.exitCode).toBe(1);
  return running.output().trim().split('\n');
}

it('sends no sample orders to a Redis of the user, and listens on --httpPort', async () => {
  const redis = await startRedisServer();
  const port = await getPort();
  const running = start({ REDIS_URL: redis.url }, '--httpPort', `${port}`);
  const { api } = await running.addresses();
  expect(api).toBe(`http://localhost:${port}`);
  expect(await globalStats(api)).toEqual({ total_orders: 0, total_revenue: 0 });
  expect(running.output()).toContain('No sample orders are sent, because REDIS_URL names a Redis');
  expect(running.output()).toContain('The archive is new');
  const second = start({ SAMPLE_ORDERS: '0' }, '--httpPort', `${port}`);
  expect(await lastWords(second)).toEqual([expect.stringContaining(`Port ${port} is taken`)]);
  running.signal('SIGINT');
  await running.exitCode;
  await redis.stop();
});

it('settings that cannot work end it with one line', async () => {
  const settings = { TIME_ZONE: 'Mars/Olympus', CURRENCY: 'euro', CORS_ORIGIN: 'shop.example', LOG_LEVEL: 'loud' };
  expect(await lastWords(start(settings))).toEqual([
    expect.stringMatching(
      /TIME_ZONE is not the name of a time zone, .*; CURRENCY is not .*; CORS_ORIGIN is not .*; POWERTOOLS_LOG_LEVEL is none of .*; LOG_LEVEL sets it/,
    ),
  ]);
});

it.each([
  [{ SAMPLE_ORDERS: 'false' }, [], 'SAMPLE_ORDERS must be 0 (no sample orders) or not set.'],
  [{}, ['--httpPort', 'http'], '--httpPort must be a port, from 1 to 65535.'],
  [{}, ['--param', 'redis=nowhere'], expect.stringMatching(/^serverless\.yml cannot be resolved: .*REDIS_URL/)],
  [
    {},
    ['--param', 'replayEvery=daily'],
    'npm start takes only a rate as a schedule, such as rate(1 minute), not daily.',
  ],
  [{}, ['--stage', 'dev'], "error: unknown option '--stage'"],
] as const)('%j %j ends it with one line', async (environment, args, message) => {
  expect(await lastWords(start(environment, ...args))).toEqual([message]);
});

it.each([
  ['redis://127.0.0.1:1', 'No Redis answers at REDIS_URL: connect ECONNREFUSED 127.0.0.1:1. Start it, or unset'],
  ['not a url', 'REDIS_URL must begin with redis://'],
])('a REDIS_URL without a Redis, %s, ends it with one line', async (url, message) => {
  expect(await lastWords(start({ REDIS_URL: url }))).toEqual([expect.stringContaining(message)]);
});

it.each<[string, (redis: Redis) => Promise<unknown>, (url: string) => string, string]>([
  [
    'a user who may not count',
    (redis) => redis.call('ACL', 'SETUSER', 'orders', 'on', '>secret', '~*', '+@all', '-expireat'),
    (url) => url.replace('redis://', 'redis://orders:secret@'),
    'cannot be used: The user in the URL of Redis may not run EXPIREAT: see "A user of Redis"',
  ],
  [
    'a user who may run EVAL but not EVALSHA',
    (redis) => redis.call('ACL', 'SETUSER', 'orders', 'on', '>secret', '~*', '+@all', '-evalsha'),
    (url) => url.replace('redis://', 'redis://orders:secret@'),
    'cannot be used: The user in the URL of Redis may not run EVALSHA: see "A user of Redis"',
  ],
  [
    'a database that it does not have',
    async () => {},
    (url) => `${url}/99`,
    'cannot be used: Redis has no database with the number at the end of its URL.',
  ],
  [
    'the database of another application',
    (redis) => redis.set('session:1', 'of a shop'),
    (url) => url,
    'holds keys of another application: give the pipeline another database',
  ],
  ...[
    ['users', 'user:1'],
    ['totals', 'global:stats'],
    ['settings', 'global:config'],
  ].map(([what, key = '']): [string, (redis: Redis) => Promise<unknown>, (url: string) => string, string] => [
    `the ${what} of another application`,
    (redis) => redis.set(key, 'of a shop'),
    (url) => url,
    'holds keys of another application: give the pipeline another database',
  ]),
])('a REDIS_URL that names %s ends it with one line', async (_, prepare, urlOf, message) => {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  await prepare(redis);
  expect(await lastWords(start({ REDIS_URL: urlOf(server.url) }))).toEqual([expect.stringContaining(message)]);
  redis.disconnect();
  await server.stop();
});

it('without redis-server and a way to install it, one line says what to do', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'orders-bin-'));
  // Not every Node.js has an npm beside it.
  const npm = execFileSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  for (const program of [process.execPath, npm, '/bin/sh']) {
    symlinkSync(program, join(bin, basename(program)));
  }
  expect(await lastWords(start({ PATH: bin }))).toEqual([
    expect.stringContaining('No redis-server or valkey-server is on PATH. Install one'),
  ]);
  rmSync(bin, { recursive: true });
});
