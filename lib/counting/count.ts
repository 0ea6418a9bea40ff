import type { Result } from 'ioredis';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redis/client.ts';
import { type Shard, shardOf, shardsOf, userKeyPrefix } from '../stats/keys.ts';
import { countLua } from './countScript.ts';
import { type Countable, type Mode, readReply, scriptInput, type Verdict } from './wire.ts';

/** Orders of the first call of a shard: few, so that Redis has work soon. */
const FIRST_CALL = 25;
/** The next ones are larger, as each call has a fixed cost: a batch of 100 needs only two. */
const CALL_GROWTH = 3;
/** No call keeps Redis from others for longer than these orders take. */
export const LARGEST_CALL = 80;

/** Makes the counting script known to the client; ioredis then sends its SHA-1 instead of the text. */
export function defineCountingScript(redis: RedisClient): void {
  redis.defineCommand('countingScript', { lua: countLua });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countingScript(keys: number, ...keysAndArgs: (string | Buffer)[]): Result<unknown, Context>;
  }
}

/** Orders of one shard that wait until their call is full, and the functions that resolve their verdicts. */
type Call = {
  readonly size: number;
  readonly orders: Countable[];
  readonly tell: ((verdict: Verdict) => void)[];
};

/**
 * Counts every order exactly once. Orders go to their shards in calls of up to 80, pipelined: while Redis counts the
 * first ones, the caller adds the next.
 */
export class Counting {
  readonly #shards: readonly Shard[];
  readonly #waiting = new Map<Shard, Call>();
  #failure: unknown;

  constructor(
    private readonly redis: RedisClient,
    private readonly mode: Mode = 'count',
  ) {
    this.#shards = shardsOf(redis);
  }

  /**
   * Adds an order, which is sent as soon as its call is full, or with {@link flush}.
   *
   * @param isAccepted see {@link Countable}
   * @returns what Redis says of it; never throws
   */
  add(order: Order, isAccepted = false): Promise<Verdict> {
    return new Promise((resolve) => {
      const shard = shardOf(this.#shards, order.userId);
      let call = this.#waiting.get(shard);
      if (!call) {
        call = { size: FIRST_CALL, orders: [], tell: [] };
        this.#waiting.set(shard, call);
      }
      call.orders.push({ order, isAccepted });
      call.tell.push(resolve);
      if (call.orders.length < call.size) return;
      void this.#send(shard, call);
      this.#waiting.set(shard, { size: Math.min(call.size * CALL_GROWTH, LARGEST_CALL), orders: [], tell: [] });
    });
  }

  /** The error of the first call that failed. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Sends the orders that still wait for their call to be full. */
  flush(): void {
    for (const [shard, call] of this.#waiting) if (call.orders.length > 0) void this.#send(shard, call);
    this.#waiting.clear();
  }

  async #send(shard: Shard, { orders, tell }: Call): Promise<void> {
    let verdicts: Verdict[];
    try {
      verdicts = await callScript(this.redis, shard, orders, this.mode);
    } catch (cause) {
      this.#failure ??= cause;
      verdicts = orders.map(() => ({ kind: 'unanswered', cause }));
    }
    for (const [index, verdict] of verdicts.entries()) tell[index]?.(verdict);
  }
}

/** One script call, which counts all of the orders or, when the server dies, none. @throws the error of Redis */
async function callScript(
  redis: RedisClient,
  shard: Shard,
  orders: readonly Countable[],
  mode: Mode,
  fence?: Fence,
): Promise<Verdict[]> {
  const { keys, wire, sums, hourSums } = scriptInput(shard, orders);
  const fences = fence ? [fence.standing, fence.next] : [];
  const args = [mode, wire, sums, userKeyPrefix(shard), hourSums, ...fences];
  const reply = await redis.countingScript(keys.length, ...keys, ...args);
  return readReply(reply, orders.length, mode);
}

/**
 * A text in the checkpoint of a shard. Each call of a replay expects the text of its last call and writes another one. So it
 * notices when Redis has lost one of its calls, or when another replay has begun.
 */
export type Fence = { readonly standing: string; readonly next: string };

/**
 * Counts up to {@link LARGEST_CALL} orders of the archive, of one shard, in one script call. Changes no counters of messages
 * except `restored`, and accepts later versions of unknown orders: what is archived was counted before.
 *
 * @throws an error whose message begins with `FENCED` or `FORGOTTEN`, see count.lua, or the error of Redis
 */
export const replayOrders = (
  redis: RedisClient,
  shard: Shard,
  orders: readonly Order[],
  fence: Fence,
): Promise<Verdict[]> =>
  callScript(
    redis,
    shard,
    orders.map((order) => ({ order, isAccepted: false })),
    'replay',
    fence,
  );

/**
 * Counts a list of orders.
 *
 * @returns a verdict for each order, in the same order; never throws
 */
export async function countOrders(
  redis: RedisClient,
  orders: readonly Order[],
  mode: Mode = 'count',
): Promise<Verdict[]> {
  const counting = new Counting(redis, mode);
  const verdicts = orders.map((order) => counting.add(order));
  counting.flush();
  return Promise.all(verdicts);
}
