import { expect, test } from 'vitest';
import { chooseArchive, chooseQueue, chooseRedis, describePlaces } from './places.ts';

test('the local stage is on this machine', () => {
  expect(chooseQueue({ stage: 'local' }, undefined, undefined)).toEqual({
    queue: 'orders-queue',
    endpoint: 'http://localhost:4566',
  });
});

test('the local stage is the running npm start, unless something else is named', () => {
  const running = {
    pid: 1,
    redisUrl: '',
    queueUrl: '',
    sqsEndpoint: 'http://localhost:4570',
    apiUrl: '',
    timeZone: 'UTC',
    currency: 'USD',
  };
  expect(chooseQueue({ stage: 'local' }, undefined, running).endpoint).toBe('http://localhost:4570');
  expect(chooseQueue({ stage: 'local' }, 'http://localhost:1', running).endpoint).toBe('http://localhost:1');
  expect(chooseQueue({ stage: 'prod' }, undefined, running).endpoint).toBeUndefined();
});

test("other stages are on AWS, with their name in the queue's", () => {
  expect(chooseQueue({ stage: 'prod' }, undefined, undefined)).toEqual({
    queue: 'orders-queue-prod',
    endpoint: undefined,
  });
});

test('AWS_ENDPOINT_URL counts as for other tools, unless the user names another endpoint', () => {
  const standard = 'http://localhost:4577';
  expect(chooseQueue({ stage: 'local' }, standard, undefined).endpoint).toBe(standard);
  expect(chooseQueue({ stage: 'local', endpoint: 'http://sqs:1' }, standard, undefined).endpoint).toBe('http://sqs:1');
});

test.each([
  ['http://sqs.us-east-1.localhost:4567/000000000000/orders-queue', 'http://localhost:4567', 'us-east-1'],
  ['http://sqs.eu-west-1.localhost.localstack.cloud:4566/0/q', 'http://localhost:4566', 'eu-west-1'],
  ['http://localhost:4566/0/q', 'http://localhost:4566', undefined],
  ['http://192.168.1.5:4566/0/q', 'http://192.168.1.5:4566', undefined],
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/q', undefined, 'eu-west-1'],
])('the URL of a queue says where it is: %s', (queue, endpoint, region) => {
  expect(chooseQueue({ stage: 'local', queue }, 'http://localhost:9', undefined)).toEqual({ queue, endpoint, region });
});

test('a named endpoint wins over the URL of the queue', () => {
  const queue = 'http://sqs.us-east-1.localhost:4567/000000000000/orders-queue';
  expect(chooseQueue({ stage: 'local', queue, endpoint: 'http://sqs:1' }, undefined, undefined).endpoint).toBe(
    'http://sqs:1',
  );
});

const running = {
  pid: 1,
  redisUrl: 'redis://:secret@127.0.0.1:7000',
  queueUrl: 'http://localhost:4570/000000000000/orders-queue',
  sqsEndpoint: 'http://localhost:4570',
  archiveBucket: 'orders-archive-local-000000000000',
  apiUrl: 'http://localhost:3000',
  timeZone: 'UTC',
  currency: 'USD',
};
const nothing = { stage: 'local', standard: undefined, running: undefined };

test.each([
  ['the one that is named', { redis: 'redis://a', standard: 'redis://b', running }, 'redis://a'],
  ['REDIS_URL', { standard: 'redis://b', running }, 'redis://b'],
  ['that of the npm start that runs', { running }, running.redisUrl],
  ['that of the npm start whose queue is used', { running, endpoint: 'http://localhost:4570/' }, running.redisUrl],
  [
    'the usual one where the queue is elsewhere',
    { running, endpoint: 'http://localhost:4566' },
    'redis://127.0.0.1:6379',
  ],
  ['the usual one', {}, 'redis://127.0.0.1:6379'],
  ['none for another stage', { stage: 'prod', running }, undefined],
])('Redis is %s', (_, places, url) => {
  expect(chooseRedis({ ...nothing, ...places })).toBe(url);
});

test.each([
  ['that of the running npm start', {}, {}, running.sqsEndpoint, running.archiveBucket],
  ['what the environment names', {}, { AWS_ENDPOINT_URL: 'http://a:1', ARCHIVE_BUCKET: 'b' }, 'http://a:1', 'b'],
  [
    'at the endpoint of S3 for another stage',
    { stage: 'prod' },
    { AWS_ENDPOINT_URL: 'http://a:1', AWS_ENDPOINT_URL_S3: 'http://s3:1' },
    'http://s3:1',
  ],
  [
    'that of the running npm start, even if the shell names an S3',
    {},
    { AWS_ENDPOINT_URL_S3: 'http://s3:1' },
    running.sqsEndpoint,
    running.archiveBucket,
  ],
  ['what the user names', { endpoint: 'http://c:1', bucket: 'd' }, { ARCHIVE_BUCKET: 'b' }, 'http://c:1', 'd'],
  ['on AWS for another stage', { stage: 'prod' }, {}, undefined, undefined],
])('the archive is %s', (_, options, env, endpoint, bucket?) => {
  const stage = 'local';
  expect(chooseArchive({ stage, ...options }, env, running)).toEqual({ stage, ...options, endpoint, bucket });
});

test('without npm start the archive is that of the LocalStack on this machine', () => {
  const place = { stage: 'local', endpoint: 'http://localhost:4566', bucket: undefined };
  expect(chooseArchive({ stage: 'local' }, {}, undefined)).toEqual(place);
});

test('the line names npm start only where it is used, and shows a database but no password', () => {
  const place = { queue: 'orders-queue', endpoint: running.sqsEndpoint, redisUrl: running.redisUrl };
  expect(describePlaces(place, running)).toBe(
    'Using queue orders-queue at http://localhost:4570 (running npm start) and Redis 127.0.0.1:7000 (running npm start)',
  );
  expect(describePlaces({ ...place, redisUrl: 'redis://there' }, running)).toBe(
    'Using queue orders-queue at http://localhost:4570 (running npm start) and Redis there',
  );
  expect(describePlaces({ ...place, redisUrl: 'redis://127.0.0.1:6379' }, undefined)).toBe(
    'Using queue orders-queue at http://localhost:4570 and Redis 127.0.0.1:6379 (the default; REDIS_URL names another one)',
  );
  expect(describePlaces({ bucket: 'b', endpoint: running.sqsEndpoint, redisUrl: 'redis://there' }, running)).toBe(
    'Using archive b at http://localhost:4570 (running npm start) and Redis there',
  );
  expect(describePlaces({ redisUrl: 'redis://:secret@there/2' }, running)).toBe('Using Redis there/2');
  expect(describePlaces({ queue: 'orders-queue-prod', endpoint: undefined }, undefined)).toBe(
    'Using queue orders-queue-prod at AWS',
  );
});
