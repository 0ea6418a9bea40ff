import { createServer } from 'node:net';
import getPort from 'get-port';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { startArchive, type TestArchive } from '../support/archive.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { listen } from '../support/listen.ts';
import { loadReplay } from '../support/loadReplay.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent, type ImportFunction, loadReadFunction } from '../support/readFunction.ts';
import { startScriptedRedis } from '../support/scriptedRedis.ts';
import { failedIds, startQueue, type TestQueue } from '../support/sqsEvent.ts';
import { redisContent } from '../support/storedContent.ts';
import { startTemporaryRedis } from '../support/temporaryRedis.ts';

/*
 * What the worker and the readers make of a Redis that refuses what they ask for.
 */

const QUIET = { POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_LOG_LEVEL: 'ERROR' };

let queue: TestQueue;
let archive: TestArchive;

beforeAll(async () => {
  [queue, archive] = await Promise.all([startQueue(), startArchive()]);
});
beforeEach(() => queue.clear());
afterAll(async () => {
  await Promise.all([queue.stop(), archive.stop()]);
  vi.unstubAllEnvs();
});

/** A Redis whose user `orders` may do everything but what the rules forbid. */
async function withUser(...rules: string[]): Promise<{ redis: Redis; url: string }> {
  const { redis, url } = await startTemporaryRedis();
  await redis.call('ACL', 'SETUSER', 'orders', 'on', '>secret', '~*', '+@all', ...rules);
  return { redis, url: url.replace('redis://', 'redis://orders:secret@') };
}

/** A cluster of one node. */
async function startCluster(): Promise<{ redis: Redis; url: string }> {
  const cluster = await startTemporaryRedis({ 'cluster-enabled': 'yes', 'cluster-port': await getPort() });
  await cluster.redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await expect.poll(() => cluster.redis.call('CLUSTER', 'INFO'), { timeout: 20_000 }).toContain('cluster_state:ok');
  return cluster;
}

/** Delivers the messages of the queue to a new container: what failed, and the lines that it prints. */
async function deliver(url: string, event: unknown) {
  const output = captureOutput();
  const environment = { POWERTOOLS_METRICS_DISABLED: 'false', POWERTOOLS_LOG_LEVEL: 'WARN' };
  const count = await loadWorker({ REDIS_URL: url, ...queue.environment, ...environment });
  const failed = failedIds(await count(event).finally(output.restore));
  const lines: Record<string, unknown>[] = output
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { failed, lines };
}

const getTopUsers: ImportFunction = () => import('../../functions/getTopUsers.ts');
const getHealth: ImportFunction = () => import('../../functions/getHealth.ts');

/** What a reader answers, and the line that it logs. */
async function ask(url: string, importFunction = getTopUsers) {
  const output = captureOutput();
  const reader = await loadReadFunction(importFunction, { REDIS_URL: url, POWERTOOLS_LOG_LEVEL: 'ERROR' });
  const { statusCode, body } = await reader(getEvent({})).finally(output.restore);
  return { statusCode, body, log: output.text() };
}

it.each<[string, () => Promise<{ redis: Redis; url: string }>, string]>([
  [
    'a node of a cluster with the URL of one Redis',
    startCluster,
    'This Redis is a cluster: begin its URL with redis+cluster://',
  ],
  [
    'one Redis with the URL of a cluster',
    async () => {
      const { redis, url } = await startTemporaryRedis();
      return { redis, url: url.replace('redis', 'redis+cluster') };
    },
    'This Redis is not a cluster: begin its URL with redis://',
  ],
  ['a user without scripting', () => withUser('-evalsha', '-eval'), 'The user in the URL of Redis may not run EVAL'],
  [
    'a user without the keys',
    () => withUser('resetkeys', '~other:*'),
    'The user in the URL of Redis may not use all keys',
  ],
  [
    'a Redis whose command is renamed',
    () => startTemporaryRedis({ 'rename-command EVAL': '' }),
    'This Redis has no EVAL',
  ],
  ...['', '/1'].map((database): [string, () => Promise<{ redis: Redis; url: string }>, string] => [
    `a Redis with another password, and the URL ends with "${database}"`,
    async () => {
      const { redis, url } = await startTemporaryRedis();
      await redis.config('SET', 'requirepass', 'other');
      return { redis, url: url.replace('redis://', 'redis://:secret@') + database };
    },
    'Redis does not take the user and the password in its URL',
  ]),
  [
    'a database that Redis does not have',
    async () => {
      const { redis, url } = await startTemporaryRedis({ databases: 2 });
      return { redis, url: `${url}/2` };
    },
    'Redis has no database with the number at the end of its URL',
  ],
])('metric, log, API and replay say what to change: %s', async (_, start, sentence) => {
  const { redis, url } = await start();
  const ids = await queue.send([orderBody()]);
  const { failed, lines } = await deliver(url, await queue.receive());
  expect(failed).toEqual(ids);
  expect(lines.find(({ message }) => message === 'batch')).toMatchObject({ transient: 0, corrupt: 0, refused: 1 });
  expect(lines.find((line) => 'messageId' in line)).toMatchObject({
    failure: 'refused',
    reason: expect.stringContaining(sentence),
  });
  expect(lines.find((line) => '_aws' in line)).toMatchObject({
    TransientFailures: 0,
    CorruptKeys: 0,
    RedisRefusals: 1,
  });
  // With a pause, as somebody has to change something first.
  expect(queue.pauses().every((seconds) => seconds > 0)).toBe(true);
  expect(await redisContent(redis)).toEqual({});

  for (const reader of [getTopUsers, getHealth]) {
    const { statusCode, body, log } = await ask(url, reader);
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toMatchObject({
      type: 'urn:problem-type:orders:redis-unavailable',
      detail: 'An operator has to change a setting; the logs say which.',
    });
    expect(JSON.parse(log).message).toContain(sentence);
  }

  const output = captureOutput();
  const replay = await loadReplay({ REDIS_URL: url, ...archive.environment, POWERTOOLS_LOG_LEVEL: 'ERROR' });
  await expect(replay().finally(output.restore)).rejects.toThrow(sentence);
  expect(JSON.parse(output.text())).toMatchObject({
    message: 'replay failed',
    reason: expect.stringContaining(sentence),
  });
});

it('a Redis that serves only its own machine is a refusal', async () => {
  // As Redis does, before it has read a command.
  const server = createServer((socket) =>
    socket.on('error', () => {}).end('-DENIED Redis is running in protected mode because\r\n'),
  );
  const port = await listen(server);
  onTestFinished(() => {
    server.close();
  });
  const { statusCode, log } = await ask(`redis://127.0.0.1:${port}`);
  expect(statusCode).toBe(503);
  expect(JSON.parse(log).message).toMatch(/^Redis serves only its own machine: give its user a password/);
});

it.each([
  "Error compiling script (new function): user_script:1: unexpected symbol near '#'",
  'Error running script (call to f_d92408a1409f4603bf7255c09690b8389877c027): @user_script:3: ERR syntax error',
])('a Redis before version 7 is named as the reason: %s', async (text) => {
  const redis = await startScriptedRedis((command) => (command.startsWith('eval') ? `-ERR ${text}\r\n` : ':0\r\n'));
  onTestFinished(() => redis.stop());
  const { statusCode, log } = await ask(`redis://127.0.0.1:${redis.port}`);
  expect(statusCode).toBe(503);
  expect(JSON.parse(log).message).toMatch(/^This Redis cannot run the scripts of the pipeline: use Redis 7/);
});

it('an error that repeats the password does not get into the log of the replay, nor into its error', async () => {
  const { url } = await startTemporaryRedis({ 'rename-command AUTH': '' });
  const environment = { ...archive.environment, POWERTOOLS_LOG_LEVEL: 'ERROR' };
  const replay = await loadReplay({ ...environment, REDIS_URL: url.replace('//', '//orders:sec%23ret@') });
  const output = captureOutput();
  const error = await replay()
    .catch((error: unknown) => error)
    .finally(output.restore);
  expect(error).toMatchObject({ message: expect.stringContaining('This Redis has no AUTH') });
  expect(output.text() + JSON.stringify(error)).not.toContain('sec#ret');
});

it.each([
  'hset',
  'hdel',
  'expireat',
  'del',
  'set',
  'zadd',
  'zrem',
  'zremrangebyscore',
  'zrange',
  'zcount',
  'scan',
  'hkeys',
  'hget',
  'zcard',
  'get',
  'hmget',
])('without permission for %s nothing counts, and everything once it is granted', async (command) => {
  const { redis, url } = await withUser(`-${command}`);
  const ids = await queue.send([orderBody()]);
  const event = await queue.receive();
  const { failed, lines } = await deliver(url, event);
  expect(failed).toEqual(ids);
  expect(lines.find(({ message }) => message === 'batch')).toMatchObject({ refused: 1 });
  const { 'global:messages': _, ...content } = await redisContent(redis);
  expect(content).toEqual({});
  await redis.call('ACL', 'SETUSER', 'orders', `+${command}`);
  expect((await deliver(url, event)).failed).toEqual([]);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
  expect(await redis.ttl('global:ledger:orders')).toBeGreaterThan(0);
});

const LATER = { order_version: 2, order_timestamp: new Date().toISOString() };

it.each([
  ['hset', orderBody({ order_id: 'NEW' })],
  ['hdel', orderBody({ order_id: 'NEW' })],
  ['zadd', orderBody({ order_id: 'NEW' })],
  ['expireat', orderBody({ order_id: 'NEW', order_timestamp: new Date(Date.now() + 30 * 86_400_000).toISOString() })],
  ['del', orderBody({ ...LATER, order_status: 'cancelled' })],
  ['zrem', orderBody({ ...LATER, order_value: 20, items: [{ product_id: 'P1', quantity: 1, price_per_unit: 20 }] })],
])('once permission for %s is taken away, an order that needs it changes nothing', async (command, body) => {
  const { redis, url } = await withUser();
  await queue.send([orderBody()]);
  expect((await deliver(url, await queue.receive())).failed).toEqual([]);
  const before = await redisContent(redis);
  await redis.call('ACL', 'SETUSER', 'orders', `-${command}`);
  const ids = await queue.send([body]);
  const { failed, lines } = await deliver(url, await queue.receive());
  expect(failed).toEqual(ids);
  expect(lines.find(({ message }) => message === 'batch')).toMatchObject({ refused: 1 });
  expect(await redisContent(redis)).toEqual(before);
});

it.each([
  ['of users', ['resetkeys', '~global:*', '%R~user:*']],
  [
    'of the leaderboard',
    [
      'resetkeys',
      '%R~global:top-users*',
      '~global:stats',
      '~global:days',
      '~global:hours',
      '~global:ledger:*',
      '~user:*',
    ],
  ],
])('with permission only to read the keys %s nothing counts, and everything once it is granted', async (_, rules) => {
  const { redis, url } = await withUser(...rules);
  const ids = await queue.send([orderBody()]);
  const event = await queue.receive();
  const { failed, lines } = await deliver(url, event);
  expect(failed).toEqual(ids);
  expect(lines.find(({ message }) => message === 'batch')).toMatchObject({ refused: 1 });
  const { 'global:messages': _messages, ...content } = await redisContent(redis);
  expect(content).toEqual({});
  await redis.call('ACL', 'SETUSER', 'orders', 'allkeys');
  expect((await deliver(url, event)).failed).toEqual([]);
  expect(await redis.hget('global:stats', 'total_orders')).toBe('1');
});

it('a Redis without free connections is a transient failure with its cause', async () => {
  const { redis, url } = await startTemporaryRedis();
  await redis.config('SET', 'maxclients', 1);
  const count = await loadWorker({ REDIS_URL: url, ...queue.environment, ...QUIET });
  const ids = await queue.send([orderBody()]);
  const event = await queue.receive();
  const output = captureOutput();
  for (const _ of ['a new container', 'one that was refused before', 'and again']) {
    expect(failedIds(await count(event))).toEqual(ids);
  }
  output.restore();
  for (const line of output
    .text()
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))) {
    expect(line).toMatchObject({ message: 'batch', transient: 1, corrupt: 0, refused: 0 });
    // Redis may have closed the connection before it read what the worker sent.
    expect(line.cause).toMatch(/max number of clients reached|EPIPE|ECONNRESET/);
  }
  await redis.config('SET', 'maxclients', 100);
  expect(failedIds(await count(event))).toEqual([]);
});
