import type { Redis } from 'ioredis';
import * as v from 'valibot';
import type { Order } from '../orders/order.ts';
import { primariesOf, type RedisClient } from '../redis/client.ts';
import { countOrders } from './count.ts';
import type { Verdict } from './wire.ts';

/**
 * Who must have an order before its message is done, besides the memory of its primary: one replica (WAIT), or the
 * append-only file on disk (WAITAOF, Redis 7.2 or newer).
 */
export type Confirmation = 'replica' | 'disk';

/** Longest wait of one request, in milliseconds: less than the time limit of a command. */
const WAIT_MS = 900;
/** With `appendfsync everysec` the file goes to the disk once a second, so one wait may end just before. */
const DISK_WAITS = 2;

/**
 * Counts every order exactly once, and waits until Redis has confirmed them: one round trip more. A duplicate waits as
 * well, as the delivery that counted it may have ended without a confirmation. On a cluster every primary that the client
 * is connected to must confirm: an order may have been redirected to any of them.
 *
 * @returns a verdict for each order, in the same order; without a confirmation, orders that are counted are `unanswered`,
 *   so their messages come back; never throws
 */
export async function countConfirmed(
  redis: RedisClient,
  orders: Iterable<Order>,
  confirmation: Confirmation,
): Promise<Verdict[]> {
  // One that dies, or becomes a replica, after it has answered must still be asked.
  const primaries = new Set(primariesOf(redis));
  const add = (server: Redis) => primaries.add(server);
  redis.on('+node', add);
  const verdicts = await countOrders(redis, orders);
  redis.off('+node', add);
  if (!verdicts.some(isCounted)) return verdicts;
  for (const primary of primariesOf(redis)) primaries.add(primary);
  // A node that was never used, as any replica, has counted nothing.
  const connected = [...primaries].filter(({ status }) => status !== 'wait');
  try {
    await Promise.all(connected.map(confirmation === 'replica' ? onReplica : onDisk));
    return verdicts;
  } catch (error) {
    const cause = new Error(`no ${confirmation} has confirmed the order`, { cause: error });
    return verdicts.map((verdict) => (isCounted(verdict) ? { kind: 'unanswered', cause } : verdict));
  }
}

const isCounted = ({ kind }: Verdict): boolean =>
  kind === 'counted' || kind === 'revised' || kind === 'duplicate' || kind === 'superseded';

async function onReplica(primary: Redis): Promise<void> {
  const replicas = await primary.wait(1, WAIT_MS);
  if (replicas < 1) throw new Error(`No replica has confirmed the orders within ${WAIT_MS} ms`);
}

const AnswerOfDisk = v.tuple([v.number(), v.number()]);

async function onDisk(primary: Redis): Promise<void> {
  for (let wait = 0; wait < DISK_WAITS; wait++) {
    const [onDisk] = v.parse(AnswerOfDisk, await primary.call('WAITAOF', 1, 0, WAIT_MS));
    if (onDisk > 0) return;
  }
  throw new Error(`The append-only file has not reached the disk within ${DISK_WAITS * WAIT_MS} ms`);
}
