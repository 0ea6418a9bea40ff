import keySlot from 'cluster-key-slot';
import { Cluster } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectTo } from '../../tests/support/deliver.ts';
import { orderBody, orderOf } from '../../tests/support/orderMessage.ts';
import {
  allSlotsAt,
  countingReply,
  type ScriptedRedis,
  slotsAt,
  startScriptedRedis,
} from '../../tests/support/scriptedRedis.ts';
import type { Order } from '../orders/order.ts';
import { primariesOf, type RedisClient } from '../redis/client.ts';
import { awaitConfirmation, type Confirmation } from './confirm.ts';
import { countOrders } from './count.ts';
import type { Verdict } from './wire.ts';

/*
 * Scripted servers, because a real one cannot be made to confirm only the second time, and knows WAITAOF only from 7.2 on.
 */

const UNANSWERED = { kind: 'unanswered', cause: { message: 'no replica has confirmed the order' } };

const orders = (users: readonly string[]) =>
  users.map((user_id, n) => orderOf(orderBody({ order_id: `ORD${n}`, user_id })));

async function start(reply: Parameters<typeof startScriptedRedis>[0]): Promise<ScriptedRedis> {
  const server = await startScriptedRedis(reply);
  onTestFinished(server.stop);
  return server;
}

/** A server whose script answers these verdicts. Each confirmation is its answer to one wait. */
const server = (letters: string, confirmations: string[]) =>
  start((command) => {
    if (/^wait/i.test(command)) return confirmations.shift();
    return command.startsWith('eval') ? countingReply(letters) : '+OK\r\n';
  });

const connect = ({ port }: ScriptedRedis, scheme = 'redis'): Promise<RedisClient> =>
  connectTo({ url: `${scheme}://127.0.0.1:${port}` }).open();

const isCounted = ({ kind }: Verdict) => /^(counted|revised|duplicate|superseded)$/.test(kind);

/** As the worker does. */
async function countConfirmed(redis: RedisClient, orders: readonly Order[], confirmation: Confirmation) {
  const confirmed = awaitConfirmation(redis, confirmation);
  const verdicts = await countOrders(redis, orders);
  const cause = await confirmed(verdicts.some(isCounted));
  return verdicts.map((verdict) => (cause && isCounted(verdict) ? { kind: 'unanswered', cause } : verdict));
}

async function count(server: ScriptedRedis, confirmation: Confirmation, users: readonly string[] = ['U1']) {
  return countConfirmed(await connect(server), orders(users), confirmation);
}

const waits = ({ commands }: ScriptedRedis) =>
  commands.map((command) => command.replace(/^\d+: /, '')).filter((command) => /^wait/i.test(command));

it('an order is done once one replica has it', async () => {
  const redis = await server('n', [':1\r\n']);
  expect(await count(redis, 'replica')).toEqual([{ kind: 'counted' }]);
  expect(waits(redis)).toEqual(['wait 1 900']);
});

it.each(['n', 'r', 'd', 's'])('an order with the verdict %s is unanswered where no replica has it', async (letter) => {
  const [verdict] = await count(await server(letter, [':0\r\n']), 'replica');
  expect(verdict).toMatchObject(UNANSWERED);
  expect(verdict).toMatchObject({ cause: { cause: { message: 'No replica has confirmed the orders within 900 ms' } } });
});

it('orders that are not counted keep their verdicts where no replica has those of the batch that are', async () => {
  const verdicts = await count(await server('cnu', [':0\r\n']), 'replica', ['U1', 'U2', 'U3']);
  expect(verdicts).toMatchObject([{ kind: 'conflict' }, UNANSWERED, { kind: 'unknown' }]);
});

it('a batch in which nothing is counted does not wait', async () => {
  const redis = await server('cu', []);
  expect(await count(redis, 'replica', ['U1', 'U2'])).toEqual([{ kind: 'conflict' }, { kind: 'unknown' }]);
  expect(waits(redis)).toEqual([]);
});

it('an order is done once the append-only file is on disk, though the first wait ended just before', async () => {
  const redis = await server('n', ['*2\r\n:0\r\n:0\r\n', '*2\r\n:1\r\n:0\r\n']);
  expect(await count(redis, 'disk')).toEqual([{ kind: 'counted' }]);
  expect(waits(redis)).toEqual(['WAITAOF 1 0 900', 'WAITAOF 1 0 900']);
});

it('an order is unanswered if the append-only file does not reach the disk', async () => {
  const redis = await server('n', ['*2\r\n:0\r\n:0\r\n', '*2\r\n:0\r\n:0\r\n']);
  const cause = {
    message: 'no disk has confirmed the order',
    cause: { message: 'The append-only file has not reached the disk within 1800 ms' },
  };
  expect(await count(redis, 'disk')).toMatchObject([{ kind: 'unanswered', cause }]);
  expect(waits(redis)).toHaveLength(2);
});

it('on a cluster, a node that nobody was counted on is not asked', async () => {
  const idle = await start(() => '+OK\r\n');
  const redis = await start((command, port) => {
    if (command === 'cluster SLOTS') return slotsAt(idle.port, port);
    if (/^wait/i.test(command)) return ':1\r\n';
    return command.startsWith('eval') ? countingReply('n') : '+OK\r\n';
  });
  const client = await connect(redis, 'redis+cluster');
  expect(primariesOf(client)).toHaveLength(2);
  expect(await countConfirmed(client, orders(['U1']), 'replica')).toEqual([{ kind: 'counted' }]);
  expect(waits(redis)).toEqual(['wait 1 900']);
  expect(idle.commands).toEqual([]);
  expect(client.listenerCount('+node')).toBe(1);
});

it('on a cluster, a node that has counted and then left must confirm too: its orders may have left with it', async () => {
  let client: Cluster | undefined;
  let slots = '';
  let calls = 0;
  const left = await start((command) => {
    if (command === 'cluster SLOTS') return slots;
    return command.startsWith('eval') ? countingReply('n') : '+OK\r\n';
  });
  const stays = await start(async (command, port) => {
    if (command === 'cluster SLOTS') return slots || allSlotsAt(port);
    if (/^wait/i.test(command)) return ':1\r\n';
    if (!command.startsWith('eval')) return '+OK\r\n';
    calls += 1;
    if (calls === 1) {
      slots = slotsAt(left.port, port);
      return `-MOVED ${keySlot(/\{\d+\}/.exec(command)?.[0] ?? '')} 127.0.0.1:${left.port}\r\n`;
    }
    await vi.waitFor(() => expect(left.commands.join()).toContain('eval'));
    // What it answers now, it answers behind that.
    await client
      ?.nodes('master')
      .find(({ options }) => options.port === left.port)
      ?.ping();
    // What it answers now, it answers behind that.
    await client
      ?.nodes('master')
      .find(({ options }) => options.port === left.port)
      ?.ping();
    slots = allSlotsAt(port);
    await vi.waitFor(() => {
      client?.refreshSlotsCache();
      expect(client?.nodes('master')).toHaveLength(1);
    });
    return countingReply('n');
  });
  const redis = await connect(stays, 'redis+cluster');
  if (redis instanceof Cluster) client = redis;
  // Of two shards, so there are two calls.
  expect(await countConfirmed(redis, orders(['U1', 'U3']), 'replica')).toMatchObject([UNANSWERED, UNANSWERED]);
});
