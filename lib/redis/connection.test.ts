import getPort from 'get-port';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { allSlotsAt, type ScriptedRedis, slotsAt, startScriptedRedis } from '../../tests/support/scriptedRedis.ts';
import type { RedisClient } from './client.ts';
import { RedisConnection } from './connection.ts';

const LIMITS = { connectMs: 500, commandMs: 500 };

/** If false, the server accepts connections and commands, but does not answer. */
let isSilent = false;
const started: ScriptedRedis[] = [];
const opened: RedisClient[] = [];
beforeEach(() => {
  isSilent = false;
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  for (const redis of opened.splice(0)) if (redis.status !== 'end') redis.disconnect();
  for (const server of started.splice(0)) server.stop();
});

async function startServer(): Promise<ScriptedRedis> {
  const server = await startScriptedRedis((command, port) => {
    if (isSilent) return undefined;
    return command === 'cluster SLOTS' ? allSlotsAt(port) : '+PONG\r\n';
  });
  started.push(server);
  return server;
}

async function open(connection: RedisConnection): Promise<RedisClient> {
  const redis = await connection.open();
  opened.push(redis);
  return redis;
}

const pingsOf = ({ commands }: ScriptedRedis) => commands.filter((command) => command.endsWith('ping'));
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

const SCHEMES = ['redis', 'redis+cluster'];

it.each(SCHEMES)('%s: consecutive calls share a connection without a PING', async (scheme) => {
  const server = await startServer();
  const connection = new RedisConnection(`${scheme}://127.0.0.1:${server.port}`, LIMITS);
  const [redis, same] = await Promise.all([open(connection), open(connection)]);
  expect(same).toBe(redis);
  later(100);
  expect(await open(connection)).toBe(redis);
  expect(pingsOf(server)).toEqual([]);
});

it.each(SCHEMES)('%s: a connection that was idle for over 100 ms gets one PING and is kept', async (scheme) => {
  const server = await startServer();
  const connection = new RedisConnection(`${scheme}://127.0.0.1:${server.port}`, LIMITS);
  const redis = await open(connection);
  await redis.ping();
  later(101);
  expect(await open(connection)).toBe(redis);
  expect(pingsOf(server)).toHaveLength(2);
});

it('a node of a cluster that was never used gets no PING', async () => {
  const unused = await startServer();
  const server = await startScriptedRedis((command, port) =>
    command === 'cluster SLOTS' ? slotsAt(unused.port, port) : '+PONG\r\n',
  );
  started.push(server);
  const connection = new RedisConnection(`redis+cluster://127.0.0.1:${server.port}`, LIMITS);
  // Its slot is above the first hundred.
  await (await open(connection)).get('k');
  later(101);
  await open(connection);
  expect(pingsOf(server)).toHaveLength(1);
  expect(unused.commands).toEqual([]);
});

it('an idle connection that does not answer is replaced', async () => {
  const server = await startServer();
  const connection = new RedisConnection(`redis://127.0.0.1:${server.port}`, LIMITS);
  const redis = await open(connection);
  isSilent = true;
  later(101);
  const other = await open(connection);
  expect(other).not.toBe(redis);
  expect(other.status).toBe('ready');
  await vi.waitFor(() => expect(redis.status).toBe('end'));
});

it('a dropped client is closed, and the next call gets another one', async () => {
  const { port } = await startServer();
  const connection = new RedisConnection(`redis://127.0.0.1:${port}`, LIMITS);
  const redis = await open(connection);
  connection.drop(redis);
  const other = await open(connection);
  expect(other).not.toBe(redis);
  await vi.waitFor(() => expect(redis.status).toBe('end'));

  connection.drop(redis);
  expect(await open(connection)).toBe(other);
});

it.each(SCHEMES)('%s: after the end of a connection, the next call gets another one', async (scheme) => {
  const server = await startServer();
  const connection = new RedisConnection(`${scheme}://127.0.0.1:${server.port}`, LIMITS);
  const redis = await open(connection);
  redis.disconnect();
  await vi.waitFor(() => expect(redis.status).toBe('end'));
  expect(await open(connection)).not.toBe(redis);
  connection.drop(redis);
  expect(redis.status).toBe('end');
});

it('an error says why Redis cannot be reached', async () => {
  const connection = new RedisConnection(`redis://127.0.0.1:${await getPort({ host: '127.0.0.1' })}`, LIMITS);
  const error = { message: 'Redis cannot be reached', cause: { code: 'ECONNREFUSED' } };
  await expect(connection.open()).rejects.toMatchObject(error);
  await expect(connection.open()).rejects.toMatchObject(error);
});

it('an error says why no node of a cluster accepts the client', async () => {
  const server = await startScriptedRedis((command) => (command.startsWith('auth') ? '-WRONGPASS no\r\n' : '+OK\r\n'));
  started.push(server);
  const connection = new RedisConnection(`redis+cluster://:secret@127.0.0.1:${server.port}`, LIMITS);
  await expect(connection.open()).rejects.toMatchObject({
    message: 'Redis cannot be reached',
    cause: { message: 'WRONGPASS no' },
  });
});

it('connecting to a cluster whose nodes do not answer times out', async () => {
  isSilent = true;
  const servers = [await startServer(), await startServer(), await startServer()];
  const url = `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  await expect(new RedisConnection(url, LIMITS).open()).rejects.toMatchObject({
    message: 'Redis cannot be reached',
    cause: { message: 'timeout' },
  });
});
