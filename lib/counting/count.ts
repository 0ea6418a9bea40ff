import type { Result } from 'ioredis';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redis/client.ts';
import { type Shard, shardOf, shardsOf, userKeyPrefix } from '../stats/keys.ts';
import { countLua } from './countScript.ts';
import { type Mode, readReply, scriptInput, type Verdict } from './wire.ts';

/** Orders of the first call of a shard: few, so that Redis has work soon. */
const FIRST_CALL = 20;
/** The next ones are larger, as each call has a cost of its own. */
const CALL_GROWTH = 2;
/** So that no call keeps Redis from others for longer than a few orders take. */
const LARGEST_CALL = 80;

/** Makes the counting script known to the client; ioredis then sends its SHA-1 instead of the text. */
export function defineCountingScript(redis: RedisClient): void {
  redis.defineCommand('countingScript', { lua: countLua });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countingScript(keys: number, ...keysAndArgs: (string | Buffer)[]): Result<unknown, Context>;
  }
}

/**
 * Counts every order exactly once. Orders are taken one by one and sent to their shards in calls of up to 80, all on
 * their way at once: while Redis counts the first ones, the next are parsed.
 *
 * @returns a verdict for each order, in the same order; never throws
 */
export async function countOrders(
  redis: RedisClient,
  orders: Iterable<Order>,
  mode: Mode = 'count',
): Promise<Verdict[]> {
  const shards = shardsOf(redis);
  const waiting = new Map<Shard, Waiting>();
  const calls: Promise<void>[] = [];
  const verdicts: Verdict[] = [];
  const send = (shard: Shard, { orders, places }: Waiting) =>
    callShard(redis, shard, orders, mode).then((answers) => {
      for (const [index, place] of places.entries()) verdicts[place] = answers[index] ?? PASSED_OVER;
    });
  let place = 0;
  for (const order of orders) {
    const shard = shardOf(shards, order.userId);
    const group = waiting.get(shard) ?? { size: FIRST_CALL, orders: [], places: [] };
    group.orders.push(order);
    group.places.push(place++);
    if (group.orders.length < group.size) {
      waiting.set(shard, group);
    } else {
      calls.push(send(shard, group));
      const size = Math.min(group.size * CALL_GROWTH, LARGEST_CALL);
      waiting.set(shard, { size, orders: [], places: [] });
    }
  }
  for (const [shard, group] of waiting) if (group.orders.length > 0) calls.push(send(shard, group));
  await Promise.all(calls);
  return verdicts;
}

/** Orders of one shard that wait for a call of a size, and their places in the batch. */
type Waiting = { readonly size: number; readonly orders: Order[]; readonly places: number[] };

/** Never used, as an answer on fewer orders is refused. Only the types do not know. */
const PASSED_OVER: Verdict = { kind: 'unanswered', cause: 'an order was passed over' };

/** One script, which counts all of the orders or, when the server dies, none. */
async function callShard(redis: RedisClient, shard: Shard, orders: readonly Order[], mode: Mode): Promise<Verdict[]> {
  const { keys, wire, sums } = scriptInput(shard, orders);
  try {
    const reply = await redis.countingScript(keys.length, ...keys, mode, wire, sums, userKeyPrefix(shard));
    return readReply(reply, orders.length, mode);
  } catch (cause) {
    return orders.map(() => ({ kind: 'unanswered', cause }));
  }
}
