import { expect, test } from 'vitest';
import { chooseTarget } from './target.ts';

test('the local stage is on this machine', () => {
  expect(chooseTarget({ stage: 'local' }, undefined, undefined)).toEqual({
    queue: 'orders-queue',
    endpoint: 'http://localhost:4566',
  });
});

test('the local stage is the npm start that runs, unless something else is named', () => {
  const running = {
    pid: 1,
    redisUrl: '',
    queueUrl: '',
    sqsEndpoint: 'http://localhost:4570',
    apiUrl: '',
    timeZone: 'UTC',
  };
  expect(chooseTarget({ stage: 'local' }, undefined, running).endpoint).toBe('http://localhost:4570');
  expect(chooseTarget({ stage: 'local' }, 'http://localhost:1', running).endpoint).toBe('http://localhost:1');
  expect(chooseTarget({ stage: 'prod' }, undefined, running).endpoint).toBeUndefined();
});

test('other stages are on AWS and have their name in that of the queue', () => {
  expect(chooseTarget({ stage: 'prod' }, undefined, undefined)).toEqual({
    queue: 'orders-queue-prod',
    endpoint: undefined,
  });
});

test('AWS_ENDPOINT_URL counts as for other tools, unless the user names another endpoint', () => {
  const standard = 'http://localhost:4577';
  expect(chooseTarget({ stage: 'local' }, standard, undefined).endpoint).toBe(standard);
  expect(chooseTarget({ stage: 'local', endpoint: 'http://sqs:1' }, standard, undefined).endpoint).toBe('http://sqs:1');
});

test.each([
  ['http://sqs.us-east-1.localhost:4567/000000000000/orders-queue', 'http://localhost:4567', undefined],
  ['http://sqs.us-east-1.localhost.localstack.cloud:4566/0/q', 'http://localhost:4566', undefined],
  ['http://192.168.1.5:4566/0/q', 'http://192.168.1.5:4566', undefined],
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/q', undefined, 'eu-west-1'],
])('the URL of a queue says where it is: %s', (queue, endpoint, region) => {
  expect(chooseTarget({ stage: 'local', queue }, 'http://localhost:9', undefined)).toEqual({ queue, endpoint, region });
});

test('a named endpoint wins over the URL of the queue', () => {
  const queue = 'http://sqs.us-east-1.localhost:4567/000000000000/orders-queue';
  expect(chooseTarget({ stage: 'local', queue, endpoint: 'http://sqs:1' }, undefined, undefined).endpoint).toBe(
    'http://sqs:1',
  );
});
