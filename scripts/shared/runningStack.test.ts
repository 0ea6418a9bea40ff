import { spawn, spawnSync } from 'node:child_process';
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
  archiveBucket: 'orders-archive-local-000000000000',
  apiUrl: 'http://localhost:3000',
  timeZone: 'UTC',
  currency: 'USD',
};

const OTHER_PORT = { sqsEndpoint: 'http://localhost:4566' };

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

it('the file is found, and only its user can read it, because it may hold a password', () => {
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
])('nothing is found where %s', (_, text) => {
  if (text !== undefined) writeFileSync(file, text);
  expect(readRunningStack()).toBeUndefined();
  expect(writeRunningStack(STACK)).toBe(true);
  expect(readRunningStack()).toEqual(STACK);
});

it('the first of two is found, and the second once the first has ended', () => {
  const first = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  writeFileSync(file, `${JSON.stringify({ ...STACK, ...OTHER_PORT, pid: first.pid })}\n`);
  expect(writeRunningStack(STACK)).toBe(false);
  expect(readRunningStack()?.pid).toBe(first.pid);
  first.kill();
  return new Promise<void>((resolve) => {
    first.once('exit', () => {
      expect(readRunningStack()).toEqual(STACK);
      resolve();
    });
  });
});

it.each([
  ['for this process', { pid: process.pid, sqsEndpoint: 'http://localhost:4566' }],
  ['while its port is ours', { pid: process.ppid, sqsEndpoint: STACK.sqsEndpoint }],
])('the line of a killed one is not found if its id is used again %s', (_, stale) => {
  writeFileSync(file, `${JSON.stringify({ ...STACK, ...stale, redisUrl: 'redis://127.0.0.1:1' })}\n`);
  expect(writeRunningStack(STACK)).toBe(true);
  expect(readRunningStack()).toEqual(STACK);
});

it.each(['first', 'second'])('when the %s of two ends, the other is still found', (which) => {
  const other = JSON.stringify({ ...STACK, pid: process.pid });
  const script = `
    import { appendFileSync } from 'node:fs';
    import { writeRunningStack } from './scripts/shared/runningStack.ts';
    if (${which === 'second'}) appendFileSync(${JSON.stringify(file)}, ${JSON.stringify(`${other}\n`)});
    writeRunningStack({ ...${JSON.stringify({ ...STACK, ...OTHER_PORT })}, pid: process.pid });
    if (${which === 'first'}) appendFileSync(${JSON.stringify(file)}, ${JSON.stringify(`${other}\n`)});`;
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { ...process.env, NPM_START_FILE: file },
  });
  expect(status).toBe(0);
  expect(readRunningStack()).toEqual(STACK);
  expect(readFileSync(file, 'utf8')).toBe(`${other}\n`);
});
