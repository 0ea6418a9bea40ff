import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, expect, it, vi } from 'vitest';
import { findQueueUrl, sqsClient } from '../../scripts/sqs.ts';
import { type NpmStart, npmStart } from '../support/npmStart.ts';
import { orderBody } from '../support/orderMessage.ts';
import { redisProcess } from '../support/redisProcess.ts';

const WAIT = { timeout: 30_000, interval: 50 };

let started: NpmStart | undefined;

function start(environment: Readonly<Record<string, string>>): NpmStart {
  started = npmStart(environment);
  return started;
}

const globalStats = async (api: string) => (await fetch(`${api}/stats/global`)).json();

const refuses = (url: string) => expect(fetch(url)).rejects.toThrow('fetch failed');

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(async () => {
  started?.signal('SIGKILL');
  await started?.exitCode;
});

it('npm start counts the sample orders, tells what became of each, stays, and ends everything with Ctrl-C', async () => {
  const running = start({});
  const { api, sqs, redis } = await running.addresses();
  const table = running.output();
  expect(table).toMatch(/48\s+│ counted\s+│ valid orders, 14204\.73 in all/);
  expect(table).toMatch(/6\s+│ ignored\s+│ counted before, with the same content/);
  expect(table).toMatch(/1\s+│ dead letters\s+│ user_id is required/);
  expect(table.match(/dead letters/g)).toHaveLength(6);
  expect(await globalStats(api)).toEqual({ total_orders: 48, total_revenue: 14204.73 });

  const redisPid = await redisProcess(redis);
  running.signal('SIGINT');
  await running.exitCode;
  expect(isAlive(redisPid)).toBe(false);
  await refuses(api);
  await refuses(sqs);
});

it('without sample orders nothing is counted; orders that come while Redis is dead count once it is back', async () => {
  const running = start({ SAMPLE_ORDERS: '0' });
  const { api, sqs, redis } = await running.addresses();
  expect(await globalStats(api)).toEqual({ total_orders: 0, total_revenue: 0 });

  const client = sqsClient({ endpoint: sqs });
  const QueueUrl = await findQueueUrl(client, 'orders-queue');
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: orderBody() }));
  await vi.waitFor(async () => expect(await globalStats(api)).toEqual({ total_orders: 1, total_revenue: 99.99 }), WAIT);

  process.kill(await redisProcess(redis), 'SIGKILL');
  await vi.waitFor(() => expect(running.output()).toContain('It is started again'), WAIT);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: orderBody({ order_id: 'ORD2' }) }));
  const patient = { timeout: 110_000, interval: 200 };
  const both = { total_orders: 2, total_revenue: 199.98 };
  await vi.waitFor(async () => expect(await globalStats(api)).toEqual(both), patient);
  client.destroy();
}, 180_000);

it('a body nested 20,000 brackets deep ends in the dead-letter queue, and the order behind it counts', async () => {
  const running = start({ SAMPLE_ORDERS: '0' });
  const { api, sqs } = await running.addresses();
  const client = sqsClient({ endpoint: sqs });
  const [QueueUrl, deadLetters] = await Promise.all([
    findQueueUrl(client, 'orders-queue'),
    findQueueUrl(client, 'orders-queue-dlq'),
  ]);
  const nested = '['.repeat(20_000) + ']'.repeat(20_000);
  for (const MessageBody of [nested, orderBody()]) await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await vi.waitFor(async () => expect(await globalStats(api)).toEqual({ total_orders: 1, total_revenue: 99.99 }), WAIT);
  await vi.waitFor(async () => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: deadLetters }));
    expect(Messages.map(({ Body }) => Body === nested)).toEqual([true]);
  }, WAIT);
  client.destroy();
});

it('requests that reach no function are answered as by API Gateway, preflights by the functions', async () => {
  const running = start({ SAMPLE_ORDERS: '0' });
  const { api } = await running.addresses();
  for (const [path, status, problem] of [
    ['/nope', 404, 'unknown-route'],
    ['/users//stats', 404, 'unknown-route'],
    ['/', 404, 'unknown-route'],
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
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS');
});

it('no part outlives a process that is killed', async () => {
  const running = start({ SAMPLE_ORDERS: '0' });
  const { redis } = await running.addresses();
  const redisPid = await redisProcess(redis);
  running.signal('SIGKILL');
  await vi.waitFor(() => expect(isAlive(redisPid)).toBe(false), WAIT);
});

/** What npm start prints that has ended by itself. */
async function lastWords(running: NpmStart): Promise<string[]> {
  expect(await running.exitCode).toBe(1);
  return running.output().trim().split('\n');
}

it.each([
  ['redis://127.0.0.1:1', 'No Redis answers at REDIS_URL: connect ECONNREFUSED 127.0.0.1:1. Start it, or unset'],
  ['not a url', 'REDIS_URL is not a URL'],
])('a REDIS_URL that leads to no Redis, %s, ends it with one message', async (url, message) => {
  expect(await lastWords(start({ REDIS_URL: url }))).toEqual([expect.stringContaining(message)]);
});

it('without a redis-server and a way to install one, it ends with one message that says what to do', async () => {
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
