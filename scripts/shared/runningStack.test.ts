import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readRunningStack, writeRunningStack } from './runningStack.ts';

const STACK = {
  pid: process.pid,
  redisUrl: 'redis://127.0.0.1:7000',
  queueUrl: 'http://sqs.us-east-1.localhost:4567/000000000000/orders-queue',
  sqsEndpoint: 'http://localhost:4567',
  apiUrl: 'http://localhost:3000',
  timeZone: 'UTC',
  currency: 'USD',
};

const endedProcess = () => spawnSync(process.execPath, ['-e', '']).pid;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-stack-'));
  file = join(folder, 'stack.json');
  vi.stubEnv('NPM_START_FILE', file);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('what npm start writes is found by its readers, and only by its own user, as it may hold a password', () => {
  expect(writeRunningStack(STACK)).toBe(true);
  expect(readRunningStack()).toEqual(STACK);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each([
  ['there is no file', undefined],
  ['the file is no JSON', '{"pid":'],
  ['a part is missing', JSON.stringify({ ...STACK, queueUrl: undefined })],
  ['its process is gone', JSON.stringify({ ...STACK, pid: endedProcess() })],
  ['its process can be none', JSON.stringify({ ...STACK, pid: 0 })],
])('nothing is found, and the place is free, where %s', (_, text) => {
  if (text !== undefined) writeFileSync(file, text);
  expect(readRunningStack()).toBeUndefined();
  expect(writeRunningStack(STACK)).toBe(true);
  expect(readRunningStack()).toEqual(STACK);
});

it('a second npm start does not change what the first one wrote', () => {
  const first = JSON.stringify({ ...STACK, pid: process.ppid });
  writeFileSync(file, first);
  expect(writeRunningStack(STACK)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe(first);
});
