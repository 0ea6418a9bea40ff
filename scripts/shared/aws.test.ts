import { expect, test } from 'vitest';
import { isThisMachine } from './aws.ts';

test.each([
  ['http://localhost:4566', true],
  ['http://sqs.us-east-1.localhost:4566', true],
  ['http://localhost.localstack.cloud:4566', true],
  ['http://127.0.0.1:4566', true],
  ['http://0.0.0.0:4566', true],
  ['http://[::1]:4566', true],
  ['http://localstack:4566', false],
  ['http://10.0.0.1:4566', false],
  ['https://sqs.us-east-1.amazonaws.com', false],
])('%s is on this machine: %s', (url, expected) => {
  expect(isThisMachine(new URL(url).hostname)).toBe(expected);
});
