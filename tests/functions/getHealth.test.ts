import { expect, it, onTestFinished } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { getEvent, loadReadFunction, readFunction } from '../support/readFunction.ts';
import { startScriptedRedis } from '../support/scriptedRedis.ts';
import { startTemporaryRedis } from '../support/temporaryRedis.ts';

const importFunction = () => import('../../functions/getHealth.ts');
const { redis, ask } = await readFunction(importFunction);

it('Redis answers; version, time zone and currency are shown', async () => {
  const response = await ask(getEvent(null));
  expect(response.statusCode).toBe(200);
  expect(JSON.parse(response.body)).toEqual({
    status: 'ok',
    version: '1.2.3',
    stage: 'test',
    time_zone: 'UTC',
    currency: 'USD',
  });
  const elsewhere = await loadReadFunction(importFunction, {
    REDIS_URL: `redis://127.0.0.1:${redis.options.port}`,
    TIME_ZONE: 'Asia/Tokyo',
    CURRENCY: 'INR',
  });
  expect(JSON.parse((await elsewhere(getEvent(null))).body)).toMatchObject({
    time_zone: 'Asia/Tokyo',
    currency: 'INR',
  });
});

it('an unknown time zone or currency fails at start', async () => {
  const environment = { REDIS_URL: 'redis://127.0.0.1:1', TIME_ZONE: 'Mars/Olympus', CURRENCY: 'euro' };
  await expect(loadReadFunction(importFunction, environment)).rejects.toThrow(
    'TIME_ZONE is not the name of a time zone, such as Europe/Berlin; CURRENCY is not the code of a currency in ISO 4217, such as EUR',
  );
});

it('a missing stage or version fails at start with one message', async () => {
  const environment = { REDIS_URL: 'redis://127.0.0.1:1', STAGE: undefined, VERSION: undefined };
  await expect(loadReadFunction(importFunction, environment)).rejects.toThrow(
    'A setting is missing or invalid: STAGE is missing; VERSION is missing. See',
  );
});

const WARNING = { STAGE: 'test', VERSION: '1', TIME_ZONE: 'UTC', CURRENCY: 'USD', POWERTOOLS_LOG_LEVEL: 'WARN' };

it('warns once when Redis evicts keys', async () => {
  const server = await startRedisServer({ settings: { 'maxmemory-policy': 'allkeys-lru' } });
  const output = captureOutput();
  const health = await loadReadFunction(importFunction, { REDIS_URL: server.url, ...WARNING });
  expect((await health(getEvent(null))).statusCode).toBe(200);
  await health(getEvent(null)).finally(output.restore);
  expect(JSON.parse(output.text())).toMatchObject({
    level: 'WARN',
    message:
      'Redis evicts keys when its memory is full, and orders would count twice: set maxmemory-policy to noeviction, not allkeys-lru.',
  });
  await server.stop();
});

it('says what is deployed when Redis does not answer, and warns when its URL leads back into the container', async () => {
  const output = captureOutput();
  const health = await loadReadFunction(importFunction, {
    REDIS_URL: 'redis://127.0.0.1:1',
    ...WARNING,
  });
  const response = await health(getEvent(null)).finally(output.restore);
  expect(response.statusCode).toBe(503);
  expect(JSON.parse(response.body)).toMatchObject({
    type: 'urn:problem-type:orders:redis-unavailable',
    status: 503,
    version: '1',
    stage: 'test',
    time_zone: 'UTC',
    currency: 'USD',
  });
  expect(output.text()).toContain('"REDIS_URL names this machine, which in a container is the container itself. ');
});

it('warns of a Redis before version 7, on which nothing is counted', async () => {
  const info = '# Server\r\nredis_version:6.2.14\r\n';
  const old = await startScriptedRedis((command) => {
    if (command === 'info') return `$${info.length}\r\n${info}\r\n`;
    return command.startsWith('eval') ? '$0\r\n\r\n' : ':0\r\n';
  });
  onTestFinished(() => old.stop());
  const health = await loadReadFunction(importFunction, { REDIS_URL: `redis://127.0.0.1:${old.port}`, ...WARNING });
  const output = captureOutput();
  expect((await health(getEvent(null)).finally(output.restore)).statusCode).toBe(200);
  expect(JSON.parse(output.text())).toMatchObject({
    level: 'WARN',
    message: 'This is Redis 6.2.14: orders count only on Redis 7, Valkey or newer.',
  });
});

it('a corrupt leaderboard does not make it fail', async () => {
  await redis.set('global:top-users', 'no sorted set');
  expect((await ask(getEvent(null))).statusCode).toBe(200);
  await redis.del('global:top-users');
});

it('does not warn of its URL when Redis answers with a refusal', async () => {
  const { redis, url } = await startTemporaryRedis();
  await redis.config('SET', 'requirepass', 'secret');
  const health = await loadReadFunction(importFunction, { REDIS_URL: url, ...WARNING });
  const output = captureOutput();
  expect((await health(getEvent(null)).finally(output.restore)).statusCode).toBe(503);
  expect(JSON.parse(output.text()).message).toContain('Redis wants a password');
});
