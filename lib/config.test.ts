import { expect, it } from 'vitest';
import {
  healthConfig,
  httpConfig,
  pipelineConfig,
  readerConfig,
  replayConfig,
  stageConfig,
  unitsConfig,
  workerConfig,
} from './config.ts';

const REDIS_URL = 'redis://localhost:6379';
const BEGINS = 'REDIS_URL must begin with redis://, rediss://, redis+cluster:// or rediss+cluster://';
const QUEUE_URL = 'http://localhost:4566/000000000000/orders-queue';
const ARCHIVE_BUCKET = 'orders-archive-dev-111122223333';
const WORKER = { REDIS_URL, QUEUE_URL, ARCHIVE_BUCKET };

it.each([
  'redis://redis:6379',
  'rediss://:secret@cache.example:6380/1',
  'redis://127.0.0.1',
  'redis+cluster://127.0.0.1:7000',
  'rediss+cluster://orders:secret@a.example:7000,b.example:7001',
])('REDIS_URL may be %s', (url) => {
  expect(readerConfig({ REDIS_URL: url })).toEqual({ redisUrl: url });
});

it('the worker has the queue, the archive and the units too', () => {
  const settings = { redisUrl: REDIS_URL, queueUrl: QUEUE_URL, bucket: ARCHIVE_BUCKET };
  expect(workerConfig(WORKER)).toEqual({ ...settings, timeZone: 'UTC', currency: 'USD' });
  expect(workerConfig({ ...WORKER, TIME_ZONE: 'Europe/Berlin', CURRENCY: 'EUR' })).toEqual({
    ...settings,
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
  });
});

it('the worker of a stage without an archive has no bucket', () => {
  expect(workerConfig({ ...WORKER, ARCHIVE_BUCKET: 'none' }).bucket).toBeUndefined();
});

it('every other function has what it needs', () => {
  const redisUrl = REDIS_URL;
  expect(healthConfig({ REDIS_URL, STAGE: 'dev', VERSION: '1.2.3' })).toEqual({
    redisUrl,
    stage: 'dev',
    version: '1.2.3',
  });
  expect(replayConfig({ REDIS_URL, ARCHIVE_BUCKET, TIME_ZONE: 'Asia/Tokyo' })).toEqual({
    redisUrl,
    bucket: ARCHIVE_BUCKET,
    timeZone: 'Asia/Tokyo',
    currency: 'USD',
  });
  const DEAD_LETTER_QUEUE_URL = `${QUEUE_URL}-dlq`;
  const queues = { queueUrl: QUEUE_URL, deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL };
  expect(pipelineConfig({ REDIS_URL, QUEUE_URL, DEAD_LETTER_QUEUE_URL })).toEqual({ redisUrl, ...queues });
  expect(unitsConfig({})).toEqual({ timeZone: 'UTC', currency: 'USD' });
  expect(unitsConfig({ TIME_ZONE: 'Asia/Tokyo', CURRENCY: 'INR' })).toEqual({
    timeZone: 'Asia/Tokyo',
    currency: 'INR',
  });
  expect(httpConfig({})).toEqual({ corsOrigin: '*' });
  expect(httpConfig({ CORS_ORIGIN: 'https://shop.example' })).toEqual({ corsOrigin: 'https://shop.example' });
});

it('other variables are ignored', () => {
  expect(readerConfig({ REDIS_URL, HOME: '/root' })).toEqual({ redisUrl: REDIS_URL });
});

it.each([
  [{}, 'REDIS_URL is missing'],
  [{ REDIS_URL: undefined }, 'REDIS_URL is missing'],
  [{ REDIS_URL: '' }, BEGINS],
  [{ REDIS_URL: 'localhost' }, BEGINS],
  [{ REDIS_URL: 'localhost:6379' }, BEGINS],
  [{ REDIS_URL: 'http://localhost:6379' }, BEGINS],
  [{ REDIS_URL: 'redis+cluster://a.example:7000/1' }, 'REDIS_URL must not name a database: a cluster has only one'],
  [
    { REDIS_URL: 'redis+cluster://a.example:7000,' },
    'REDIS_URL must name nodes as host or host:port, separated by commas, after the scheme and the password',
  ],
])('an invalid setting of a reader is an error that names the variable: %j', (env, problem) => {
  const message = `A setting is missing or invalid: ${problem}. See "Settings" in docs/reference.md.`;
  expect(() => readerConfig(env)).toThrow(new Error(message));
});

it.each([
  [{ ...WORKER, QUEUE_URL: undefined }, 'QUEUE_URL is missing'],
  [{ ...WORKER, QUEUE_URL: 'orders-queue' }, 'QUEUE_URL is not a URL'],
  [{ ...WORKER, ARCHIVE_BUCKET: undefined }, 'ARCHIVE_BUCKET is missing'],
  [{ ...WORKER, ARCHIVE_BUCKET: 'Orders' }, 'ARCHIVE_BUCKET is not the name of a bucket'],
  [{ ...WORKER, REDIS_URL: undefined }, 'REDIS_URL is missing'],
])('an invalid setting of the worker is an error that names the variable: %j', (env, problem) => {
  expect(() => workerConfig(env)).toThrow(`A setting is missing or invalid: ${problem}. See`);
});

it.each(['EURO', 'eur', 'XYZ', ''])('a currency that is no ISO 4217 code is refused: %j', (CURRENCY) => {
  const problem = 'CURRENCY is not the code of a currency in ISO 4217, such as EUR';
  expect(() => unitsConfig({ CURRENCY })).toThrow(problem);
  expect(() => workerConfig({ ...WORKER, CURRENCY })).toThrow(problem);
});

it.each(['JPY', 'KRW', 'KWD'])('a currency without two decimals is refused: %s', (CURRENCY) => {
  const problem = 'CURRENCY is a currency whose amounts do not have two decimals';
  expect(() => unitsConfig({ CURRENCY })).toThrow(problem);
  expect(() => workerConfig({ ...WORKER, CURRENCY })).toThrow(problem);
});

it.each(['shop.example', 'https://shop.example/', 'https://a.example, https://b.example', ''])(
  'an origin that no browser sends is refused: %j',
  (CORS_ORIGIN) => {
    expect(() => httpConfig({ CORS_ORIGIN })).toThrow('CORS_ORIGIN is not * and not an origin');
  },
);

it('all settings that a stage shares are checked together', () => {
  expect(stageConfig({ POWERTOOLS_LOG_LEVEL: 'info', CURRENCY: 'EUR' })).toEqual({ timeZone: 'UTC', currency: 'EUR' });
  expect(() => stageConfig({ CORS_ORIGIN: 'x', POWERTOOLS_LOG_LEVEL: 'loud' })).toThrow(
    /CORS_ORIGIN is not .*; POWERTOOLS_LOG_LEVEL is none of TRACE, DEBUG, INFO, .*; LOG_LEVEL sets it/,
  );
});

it('one message names all invalid settings', () => {
  expect(() => workerConfig({})).toThrow(
    'invalid: REDIS_URL is missing; QUEUE_URL is missing; ARCHIVE_BUCKET is missing. See',
  );
});

it('the message never shows a value, which may contain a password', () => {
  const wrong = { REDIS_URL: 'https://:hunter2@cache.example', QUEUE_URL: 'hunter2' };
  expect(() => workerConfig(wrong)).toThrow(/^(?!.*hunter2)/s);
});
