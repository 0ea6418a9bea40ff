import type { Redis } from 'ioredis';
import * as v from 'valibot';
import { primariesOf, type RedisClient } from '../redis/client.ts';

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
 * Watches which servers count from now on. A duplicate needs a confirmation as well: the delivery that counted it may have
 * ended without one. On a cluster every primary that the client is connected to must confirm, since an order may have been
 * redirected to any of them.
 *
 * @returns a function that ends the watch and, if needed, waits for the confirmation, in one round trip. It resolves with an
 *   error if there is no confirmation
 */
export function awaitConfirmation(
  redis: RedisClient,
  confirmation: Confirmation,
): (isNeeded: boolean) => Promise<Error | undefined> {
  // A server that dies or becomes a replica after its answer must still confirm.
  const primaries = new Set(primariesOf(redis));
  const add = (server: Redis) => primaries.add(server);
  redis.on('+node', add);
  return async (isNeeded) => {
    redis.off('+node', add);
    if (!isNeeded) return undefined;
    for (const primary of primariesOf(redis)) primaries.add(primary);
    // A node that was never used, like any replica, has counted nothing.
    const connected = [...primaries].filter(({ status }) => status !== 'wait');
    try {
      await Promise.all(connected.map(confirmation === 'replica' ? onReplica : onDisk));
      return undefined;
    } catch (error) {
      return new Error(`no ${confirmation} has confirmed the order`, { cause: error });
    }
  };
}

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
