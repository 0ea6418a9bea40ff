import { afterEach, expect, it } from 'vitest';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import { allSlotsAt, startScriptedRedis } from '../../tests/support/scriptedRedis.ts';
import { type RedisClient, redisClient } from '../redis/client.ts';
import { type Confirmation, countConfirmed } from './confirm.ts';
import { defineCountingScript } from './count.ts';

/*
 * A scripted server, as a real one cannot be made to confirm only the second time, and knows WAITAOF only from 7.2 on.
 */

const ORDER = orderOf(orderBody());

const started: (() => void)[] = [];
afterEach(() => {
  for (const stop of started.splice(0)) stop();
});

/** A server that finds a verdict, a letter, for the only order, and confirms as it is told, one wait after the other. */
async function server(letter: string, confirmations: string[], moved?: { port: number }) {
  const scripted = await startScriptedRedis((command, port) => {
    if (command === 'cluster SLOTS') return allSlotsAt(port);
    if (/^wait/i.test(command)) return confirmations.shift();
    if (!command.startsWith('eval')) return '+OK\r\n';
    return moved ? `-MOVED 0 127.0.0.1:${moved.port}\r\n` : `*2\r\n$1\r\n${letter}\r\n*0\r\n`;
  });
  started.push(scripted.stop);
  return scripted;
}

type Server = Awaited<ReturnType<typeof server>>;

async function count({ port }: Server, confirmation: Confirmation, scheme = 'redis') {
  const redis: RedisClient = redisClient(`${scheme}://127.0.0.1:${port}`, { connectMs: 2000, commandMs: 1000 });
  redis.on('error', () => {});
  started.push(() => redis.disconnect());
  defineCountingScript(redis);
  await redis.connect();
  const [verdict] = await countConfirmed(redis, [ORDER], confirmation);
  return verdict;
}

const waits = ({ commands }: Server) =>
  commands.map((command) => command.replace(/^\d+: /, '')).filter((command) => /^wait/i.test(command));

it('an order is done once one replica has it', async () => {
  const redis = await server('n', [':1\r\n']);
  expect(await count(redis, 'replica')).toEqual({ kind: 'counted' });
  expect(waits(redis)).toEqual(['wait 1 900']);
});

it.each(['n', 'r', 'd', 's'])('an order with the verdict %s is unanswered where no replica has it', async (letter) => {
  expect(await count(await server(letter, [':0\r\n']), 'replica')).toMatchObject({
    kind: 'unanswered',
    cause: {
      message: 'no replica has confirmed the order',
      cause: { message: 'No replica has confirmed the orders within 900 ms' },
    },
  });
});

it.each([
  ['c', 'conflict'],
  ['u', 'unknown'],
])('an order with the verdict %s, which is not counted, waits for nobody', async (letter, kind) => {
  const redis = await server(letter, []);
  expect(await count(redis, 'replica')).toEqual({ kind });
  expect(waits(redis)).toEqual([]);
});

it('an order is done once the append-only file is on disk, though the first wait ended just before', async () => {
  const redis = await server('n', ['*2\r\n:0\r\n:0\r\n', '*2\r\n:1\r\n:0\r\n']);
  expect(await count(redis, 'disk')).toEqual({ kind: 'counted' });
  expect(waits(redis)).toEqual(['WAITAOF 1 0 900', 'WAITAOF 1 0 900']);
});

it('an order is unanswered where the append-only file does not get to the disk', async () => {
  const redis = await server('n', ['*2\r\n:0\r\n:0\r\n', '*2\r\n:0\r\n:0\r\n']);
  expect(await count(redis, 'disk')).toMatchObject({
    kind: 'unanswered',
    cause: {
      message: 'no disk has confirmed the order',
      cause: { message: 'The append-only file has not reached the disk within 1800 ms' },
    },
  });
  expect(waits(redis)).toHaveLength(2);
});

it('on a cluster, the node that an order was redirected to must confirm it too', async () => {
  const second = await server('n', [':0\r\n']);
  const first = await server('n', [':1\r\n'], second);
  expect(await count(first, 'replica', 'redis+cluster')).toMatchObject({ kind: 'unanswered' });
  expect(waits(first)).toEqual(['wait 1 900']);
  expect(waits(second)).toEqual(['wait 1 900']);
});
