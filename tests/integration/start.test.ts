import { type ChildProcess, spawn } from 'node:child_process';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import { afterEach, expect, it, vi } from 'vitest';
import { findQueueUrl, sqsClient } from '../../scripts/sqs.ts';
import { orderBody } from '../support/orderMessage.ts';

const WAIT = { timeout: 30_000, interval: 50 };

let started: Started | undefined;

type Started = {
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  readonly exitCode: Promise<number | null>;
};

/** What `npm start` does, in a process group of its own. */
function start(environment: Record<string, string>): Started {
  const child = spawn('npm', ['start', '--silent'], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  started = { child, output: () => text, exitCode };
  return started;
}

/** As the terminal does for Ctrl-C: to every process of the group. */
function signal({ child }: Started, name: NodeJS.Signals): void {
  if (child.pid) process.kill(-child.pid, name);
}

async function addresses(running: Started): Promise<{ api: string; sqs: string; redis: string }> {
  await vi.waitFor(() => expect(running.output()).toContain('Ctrl-C ends everything'), WAIT);
  const [, api = '', sqs = '', redis = ''] = /API (\S+) · SQS (\S+) · (\S+)/.exec(running.output()) ?? [];
  return { api, sqs, redis };
}

const globalStats = async (api: string) => (await fetch(`${api}/stats/global`)).json();

const refuses = (url: string) => expect(fetch(url)).rejects.toThrow('fetch failed');

async function processId(redisUrl: string): Promise<number> {
  const redis = new Redis(redisUrl);
  const id = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  redis.disconnect();
  return id;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(async () => {
  if (started?.child.exitCode === null && started.child.signalCode === null) {
    signal(started, 'SIGKILL');
    await started.exitCode;
  }
});

it('npm start counts the sample orders, tells what became of each, stays, and ends everything with Ctrl-C', async () => {
  const running = start({ REDIS_URL: '' });
  const { api, sqs, redis } = await addresses(running);
  const table = running.output();
  expect(table).toMatch(/48\s+│ counted\s+│ valid orders, 14204\.73 in all/);
  expect(table).toMatch(/6\s+│ ignored\s+│ counted before, with the same content/);
  expect(table).toMatch(/1\s+│ dead letters\s+│ user_id is required/);
  expect(table.match(/dead letters/g)).toHaveLength(6);
  expect(await globalStats(api)).toEqual({ total_orders: 48, total_revenue: 14204.73 });

  const redisProcess = await processId(redis);
  signal(running, 'SIGINT');
  await running.exitCode;
  expect(isAlive(redisProcess)).toBe(false);
  await refuses(api);
  await refuses(sqs);
});

it('without sample orders nothing is counted; orders that come while Redis is dead count once it is back', async () => {
  const running = start({ REDIS_URL: '', SAMPLE_ORDERS: '0' });
  const { api, sqs, redis } = await addresses(running);
  expect(await globalStats(api)).toEqual({ total_orders: 0, total_revenue: 0 });

  const client = sqsClient({ endpoint: sqs });
  const QueueUrl = await findQueueUrl(client, 'orders-queue');
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: orderBody() }));
  await vi.waitFor(async () => expect(await globalStats(api)).toEqual({ total_orders: 1, total_revenue: 99.99 }), WAIT);

  process.kill(await processId(redis), 'SIGKILL');
  await vi.waitFor(() => expect(running.output()).toContain('It is started again'), WAIT);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: orderBody({ order_id: 'ORD2' }) }));
  const patient = { timeout: 110_000, interval: 200 };
  const both = { total_orders: 2, total_revenue: 199.98 };
  await vi.waitFor(async () => expect(await globalStats(api)).toEqual(both), patient);
  client.destroy();
}, 180_000);

it('requests that reach no function are answered as by API Gateway, preflights by the functions', async () => {
  const running = start({ REDIS_URL: '', SAMPLE_ORDERS: '0' });
  const { api } = await addresses(running);
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
  const running = start({ REDIS_URL: '', SAMPLE_ORDERS: '0' });
  const { redis } = await addresses(running);
  const redisProcess = await processId(redis);
  signal(running, 'SIGKILL');
  await vi.waitFor(() => expect(isAlive(redisProcess)).toBe(false), WAIT);
});

it.each([
  ['redis://127.0.0.1:1', 'No Redis answers at REDIS_URL: connect ECONNREFUSED 127.0.0.1:1. Start it, or unset'],
  ['not a url', 'REDIS_URL is not a URL'],
])('a REDIS_URL that leads to no Redis, %s, ends it with one message', async (url, message) => {
  const running = start({ REDIS_URL: url });
  expect(await running.exitCode).toBe(1);
  expect(running.output()).toContain(message);
  expect(running.output()).not.toContain('    at ');
});
