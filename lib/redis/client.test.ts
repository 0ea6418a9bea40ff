import getPort from 'get-port';
import { afterEach, expect, it, vi } from 'vitest';
import { allSlotsAt, type ScriptedRedis, startScriptedRedis } from '../../tests/support/scriptedRedis.ts';
import { primariesOf, type RedisClient, redisClient } from './client.ts';
import { RedisConnection } from './connection.ts';

const LIMITS = { connectMs: 2000, commandMs: 300 };

const started: (ScriptedRedis | RedisClient)[] = [];
afterEach(() => {
  for (const one of started.splice(0)) {
    if ('stop' in one) one.stop();
    else one.disconnect();
  }
});

async function server(reply: Parameters<typeof startScriptedRedis>[0], host?: string): Promise<ScriptedRedis> {
  const scripted = await startScriptedRedis(reply, host);
  started.push(scripted);
  return scripted;
}

function client(url: string): RedisClient {
  const redis = redisClient(url, LIMITS);
  redis.on('error', () => {});
  started.push(redis);
  return redis;
}

/** Plays the only node of a cluster. The test decides how commands on keys are answered. */
const node =
  (ofKeys: (command: string) => ReturnType<Parameters<typeof startScriptedRedis>[0]>, host = '127.0.0.1') =>
  (command: string, port: number) => {
    if (command === 'cluster SLOTS') return allSlotsAt(port, host);
    return /^(get|asking)/.test(command) ? ofKeys(command) : '+OK\r\n';
  };

it('a new connection to one Redis sends nothing before the first command', async () => {
  const { port, commands } = await server(() => '$1\r\nv\r\n');
  const redis = client(`redis://127.0.0.1:${port}`);
  await redis.connect();
  expect(await redis.get('k')).toBe('v');
  expect(commands).toEqual(['0: get k']);
  expect(primariesOf(redis)).toEqual([redis]);
});

it('a cluster client asks for the slots, then sends the first command', async () => {
  const { port, commands } = await server(node(() => '$1\r\nv\r\n'));
  const redis = client(`redis+cluster://127.0.0.1:${port}`);
  await redis.connect();
  expect(await redis.get('k')).toBe('v');
  expect(commands.map((command) => command.replace(/^\d+: /, ''))).toEqual([
    expect.stringMatching('client setname'),
    'cluster SLOTS',
    'get k',
  ]);
});

it.each(['redis', 'redis+cluster'])('%s: a client does not connect before it is told to', async (scheme) => {
  const { port, commands } = await server(node(() => '+OK\r\n'));
  expect(client(`${scheme}://127.0.0.1:${port}`).status).toBe('wait');
  expect(commands).toEqual([]);
});

it('a command without an answer times out and is not repeated', async () => {
  const { port, commands } = await server(() => undefined);
  const redis = client(`redis://127.0.0.1:${port}`);
  await redis.connect();
  await expect(redis.get('k')).rejects.toThrow('Command timed out');
  expect(commands).toEqual(['0: get k']);
});

it('a lost connection fails its command and is not replaced', async () => {
  const { port, commands } = await server(() => ({ close: true }));
  const redis = client(`redis://127.0.0.1:${port}`);
  await redis.connect();
  await expect(redis.get('k')).rejects.toThrow();
  await vi.waitFor(() => expect(redis.status).toBe('end'));
  await expect(redis.get('k')).rejects.toThrow('Connection is closed');
  expect(commands).toEqual(['0: get k']);
});

it.each(['redis', 'redis+cluster'])(
  '%s: where no server listens, the client ends after one attempt',
  async (scheme) => {
    const redis = client(`${scheme}://127.0.0.1:${await getPort({ host: '127.0.0.1' })}`);
    await expect(redis.connect()).rejects.toThrow();
    await vi.waitFor(() => expect(redis.status).toBe('end'));
  },
);

it('every connection to a cluster sends user and password, decoded', async () => {
  const { port, commands } = await server(node(() => '$1\r\nv\r\n'));
  const redis = client(`redis+cluster://orders%40shop:p%40,ss@127.0.0.1:${port}`);
  await redis.connect();
  await redis.get('k');
  expect(commands.filter((command) => command.endsWith(' auth orders@shop p@,ss')).length).toBeGreaterThan(1);
});

it('a password without a user belongs to the default user', async () => {
  const { port, commands } = await server(node(() => '$1\r\nv\r\n'));
  const redis = client(`redis+cluster://:secret@127.0.0.1:${port}`);
  await redis.connect();
  await redis.get('k');
  expect(commands).toContain('0: auth secret');
});

it('a command before connecting fails at once', async () => {
  const { port, commands } = await server(() => '$1\r\nv\r\n');
  const redis = client(`redis://127.0.0.1:${port}`);
  const connected = redis.connect();
  await expect(redis.get('k')).rejects.toThrow("Stream isn't writeable");
  await connected;
  expect(commands).toEqual([]);
});

it('if a node of a cluster hangs, there is time to ask the next one', async () => {
  const silent = await server(() => undefined);
  const { port } = await server(node(() => '$1\r\nv\r\n'));
  const url = `redis+cluster://127.0.0.1:${silent.port},127.0.0.1:${port}`;
  // ioredis picks the first node at random.
  for (let n = 0; n < 5; n++) {
    const connection = new RedisConnection(url, LIMITS);
    const redis = await connection.open();
    expect(await redis.get('k')).toBe('v');
    connection.drop(redis);
  }
});

it('a node of a cluster may be given as a host name', async () => {
  const { port } = await server(
    node(() => '$1\r\nv\r\n', 'localhost'),
    'localhost',
  );
  const redis = client(`redis+cluster://localhost:${port}`);
  await redis.connect();
  expect(await redis.get('k')).toBe('v');
});

it('a node of a cluster may be given as an IPv6 address', async () => {
  const { port } = await server(
    node(() => '$1\r\nv\r\n', '::1'),
    '::1',
  );
  const redis = client(`redis+cluster://[::1]:${port}`);
  await redis.connect();
  expect(await redis.get('k')).toBe('v');
});

it('the port of a node defaults to 6379', () => {
  const redis = redisClient('redis+cluster://node.example', LIMITS);
  expect(redis).toMatchObject({ startupNodes: [{ host: 'node.example', port: 6379 }] });
});

it('rediss+cluster speaks TLS', async () => {
  // A TLS handshake is no command, so the server sees none and the client gets no answer.
  const { port, commands } = await server(node(() => '+OK\r\n'));
  const redis = client(`rediss+cluster://127.0.0.1:${port}`);
  await expect(redis.connect()).rejects.toThrow();
  expect(commands.join()).not.toContain('cluster SLOTS');
});

it('redirects are followed 8 times', async () => {
  const { port, commands } = await server(node(() => `-MOVED 1 127.0.0.1:${port}\r\n`));
  const redis = client(`redis+cluster://127.0.0.1:${port}`);
  await redis.connect();
  await expect(redis.get('k')).rejects.toThrow('Too many Cluster redirections');
  expect(commands.filter((command) => command.endsWith('get k'))).toHaveLength(9);
});

it.each([
  ['that is down', '-CLUSTERDOWN The cluster is down\r\n'],
  ['whose node closes the connection', { close: true } as const],
])('a command is sent to a cluster only once if it gets %s', async (_, reply) => {
  const { port, commands } = await server(node(() => reply));
  const redis = client(`redis+cluster://127.0.0.1:${port}`);
  await redis.connect();
  await expect(redis.get('k')).rejects.toThrow();
  expect(commands.filter((command) => command.endsWith('get k'))).toHaveLength(1);
});

it('a failed ASKING fails the command without an unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const target = await server(node(() => ({ close: true })));
  const source = await server(node(() => `-ASK 1 127.0.0.1:${target.port}\r\n`));
  const redis = client(`redis+cluster://127.0.0.1:${source.port}`);
  await redis.connect();
  await expect(redis.get('k')).rejects.toThrow();
  expect(target.commands.some((command) => command.endsWith('asking'))).toBe(true);
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
