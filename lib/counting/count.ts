import type { Result } from 'ioredis';
import type { Order } from '../orders/order.ts';
import type { RedisClient } from '../redis/client.ts';
import { type Shard, shardOf, shardsOf, userKeyPrefix } from '../stats/keys.ts';
import { countLua } from './countScript.ts';
import { type Countable, type Mode, readReply, scriptInput, type Verdict } from './wire.ts';

/** Orders of the first call of a shard: few, so that Redis has work soon. */
const FIRST_CALL = 20;
/** The next ones are larger, as each call has a fixed cost. */
const CALL_GROWTH = 2;
/** No call keeps Redis from others for longer than these orders take. */
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

  /** One script call, which counts all of the orders or, when the server dies, none. */
  async #send(shard: Shard, { orders, tell }: Call): Promise<void> {
    let verdicts: Verdict[];
    try {
      const { keys, wire, sums } = scriptInput(shard, orders);
      const reply = await this.redis.countingScript(keys.length, ...keys, this.mode, wire, sums, userKeyPrefix(shard));
      verdicts = readReply(reply, orders.length, this.mode);
    } catch (cause) {
      this.#failure ??= cause;
      verdicts = orders.map(() => ({ kind: 'unanswered', cause }));
    }
    for (const [index, verdict] of verdicts.entries()) tell[index]?.(verdict);
  }
}

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
