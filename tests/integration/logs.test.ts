import { createServer } from 'node:net';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { npmStart } from '../../dev/servers/npmStart.ts';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { startDeadLetterQueue } from '../support/deadLetterQueue.ts';
import { ARGUMENT, functionLogs } from '../support/functionLogs.ts';
import { listen } from '../support/listen.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startScript } from '../support/startScript.ts';

/* No line of a log holds the password of Redis, or what commands are called with, whatever goes wrong. */

const SECRET = 'hunter2';

const urlOf = (port: number, credentials = `:${SECRET}@`) => `redis://${credentials}127.0.0.1:${port}`;

/** Starts a Redis that something was done to. */
async function redisWith(prepare: (redis: Redis) => Promise<unknown>, settings = {}): Promise<number> {
  const server = await startRedisServer({ settings });
  onTestFinished(() => server.stop());
  const redis = new Redis(server.url);
  await prepare(redis);
  redis.disconnect();
  return server.port;
}

/** Starts a server that is no Redis. */
async function serverThat(answers: (request: Buffer) => string | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (request) => {
      const answer = answers(request);
      if (answer === undefined) socket.resetAndDestroy();
      else socket.write(answer);
    });
  });
  const port = await listen(server);
  onTestFinished(() => {
    server.close();
  });
  return port;
}

it.each<[string, () => Promise<string>]>([
  ['WRONGPASS', async () => urlOf(await redisWith((redis) => redis.config('SET', 'requirepass', 'other')))],
  ['NOAUTH', async () => urlOf(await redisWith((redis) => redis.config('SET', 'requirepass', SECRET)), '')],
  ['unknown command', async () => urlOf(await redisWith(async () => {}, { 'rename-command AUTH': '' }))],
  [
    'unknown command',
    async () =>
      urlOf(await redisWith(async () => {}, { 'rename-command EVALSHA': '', 'rename-command HMGET': '' }), ''),
  ],
  [
    'NOPERM',
    async () => {
      const limit = (redis: Redis) => redis.acl('SETUSER', 'orders', 'on', `>${SECRET}`, '~*', '+ping');
      return urlOf(await redisWith(limit), `orders:${SECRET}@`);
    },
  ],
  ['OOM', async () => urlOf(await redisWith((redis) => redis.config('SET', 'maxmemory', '1')))],
  ['READONLY', async () => urlOf(await redisWith((redis) => redis.replicaof('127.0.0.1', 1)))],
  ['WRONGTYPE|holds something else', async () => urlOf(await redisWith((redis) => redis.set('global:stats', SECRET)))],
  ['ECONNREFUSED', async () => urlOf(await getPort({ host: '127.0.0.1' }))],
  ['ENOTFOUND|EAI_AGAIN', async () => `redis://:${SECRET}@nosuch.invalid`],
  ['ECONNRESET', async () => urlOf(await serverThat(() => undefined))],
  ['ECONNRESET', async () => urlOf(await serverThat(() => undefined)).replace('redis', 'rediss')],
  ['timed out', async () => urlOf(await serverThat(() => ''))],
  ['Unknown RESP type', async () => urlOf(await serverThat((request) => `HTTP/1.1 400 ${request}`))],
  ['cluster support disabled', async () => urlOf(await redisWith(async () => {})).replace('redis', 'redis+cluster')],
  [
    'WRONGPASS',
    async () =>
      urlOf(await redisWith((redis) => redis.config('SET', 'requirepass', 'other'))).replace('redis', 'redis+cluster'),
  ],
  [
    'None of startup nodes',
    async () =>
      urlOf(await redisWith(async () => {}, { 'cluster-enabled': 'yes', 'cluster-port': await getPort() })).replace(
        'redis',
        'redis+cluster',
      ),
  ],
])('functions log why Redis refuses, without password and arguments: %s', async (reason, prepare) => {
  const logs = await functionLogs(await prepare());
  expect(logs).toMatch(new RegExp(reason));
  expect(logs).not.toContain(SECRET);
  expect(logs).not.toContain(ARGUMENT);
  expect(logs).not.toMatch(/"(command|args)":/);
});

const NOT_ENCODED = [
  `redis://:${SECRET}%ZZ@127.0.0.1`,
  `redis://user:12/${SECRET}@127.0.0.1`,
  `redis://:57#${SECRET}@host`,
];

it.each(NOT_ENCODED)('a URL that needs encoding is refused and not shown: %s', async (url) => {
  await expect(functionLogs(url)).rejects.toThrow(
    /^A setting is missing or invalid: REDIS_URL .*a character in its user or password that must be encoded/,
  );
});

it.each<[string, string[]]>([
  ['verify', ['--file', '/dev/null']],
  ['dlq', ['list']],
  ['populate', ['--count', '1', '--wait']],
])('commands refuse a URL that needs encoding and do not show it: npm run %s -- %j', async (script, args) => {
  const url = `redis://default:57#${SECRET}@127.0.0.1`;
  const AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
  for (const { code, stdout, stderr, using } of await Promise.all([
    startScript(`scripts/${script}.ts`, [...args, '--redis', url], { AWS_ENDPOINT_URL }).result,
    startScript(`scripts/${script}.ts`, args, { AWS_ENDPOINT_URL, REDIS_URL: url }).result,
  ])) {
    expect(code).toBe(1);
    expect(stdout + stderr + using).not.toMatch(new RegExp(`${SECRET}|57`));
  }
});

const wrongPassword = async () => urlOf(await redisWith((redis) => redis.config('SET', 'requirepass', 'other')));
const unknownCommand = async () => urlOf(await redisWith(async () => {}, { 'rename-command AUTH': '' }));

it.each<[string, string[]]>([
  ['verify', ['--file', '/dev/null']],
  ['dlq', ['list']],
  ['dlq', ['purge', '--to', '/dev/null']],
  ['populate', ['--count', '1', '--wait']],
])('commands print the reason without the password: npm run %s -- %j', async (script, args) => {
  const AWS_ENDPOINT_URL = await startDeadLetterQueue([orderBody()]);
  for (const [url, reason] of [
    [await wrongPassword(), 'WRONGPASS'],
    [await unknownCommand(), 'This Redis has no AUTH'],
  ] as const) {
    const environment = { REDIS_URL: url, AWS_ENDPOINT_URL };
    const { stdout, stderr, using } = await startScript(`scripts/${script}.ts`, args, environment).result;
    expect(stderr).toContain(reason);
    expect(stdout + stderr + using).not.toContain(SECRET);
  }
});

it('npm start prints the reason without the password', async () => {
  const running = npmStart({ REDIS_URL: await wrongPassword() });
  expect(await running.exitCode).toBe(1);
  expect(running.output()).toMatch(/^The Redis at REDIS_URL cannot be used: .*\(WRONGPASS\)\.\n$/);
  expect(running.output()).not.toContain(SECRET);
});
