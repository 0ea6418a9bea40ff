import type { DayOf } from '../orders/calendar.ts';
import { type Order, parseOrder } from '../orders/order.ts';
import type { RedisConnection } from '../redis.ts';
import { countOrders } from '../stats/count.ts';
import { addMessages } from '../stats/messages.ts';
import type { Verdict } from '../stats/wire.ts';
import { isAccepted, type QueueMessage, receiveCountOf } from './event.ts';
import { failureKindOf, failureOfRedis, InvalidMessageError, MessageFailure } from './failure.ts';

/**
 * The result of a message that is deleted: counted; counted in place of a lower version of its order; its order is
 * cancelled from now on; counted before; or a higher version was counted before.
 */
export type Done = 'counted' | 'revised' | 'cancelled' | 'duplicate' | 'superseded';

/** The result of a message: done, or the failure that keeps it in the queue. */
export type Outcome = PromiseSettledResult<Done>;

/** The result of each message of a batch, and the milliseconds that it waited for Redis once all were parsed. */
export type ProcessedBatch = { readonly outcomes: Outcome[]; readonly redisMs: number };

/**
 * Counts the orders of a batch, in one round trip: all calls are on their way at once, the first while the next orders
 * are parsed.
 *
 * @param dayOf the day that an order counts for, by default that of UTC
 * @returns an outcome for each message, in the same order; never throws
 */
export async function processBatch(
  messages: readonly QueueMessage[],
  connection: RedisConnection,
  dayOf?: DayOf,
): Promise<ProcessedBatch> {
  const count = await counter(connection);
  const read: (Order | MessageFailure)[] = [];
  const counting = count.orders(validOrders(messages, read, dayOf));
  const adding = count.messages({
    invalid: read.filter((order) => order instanceof MessageFailure).length,
    retried: messages.filter((message) => receiveCountOf(message) > 1).length,
  });
  const parsed = performance.now();
  const [answers] = await Promise.all([counting, adding]);
  const verdicts = answers.values();
  const redisMs = performance.now() - parsed;
  const outcomes = read.map((order) =>
    order instanceof MessageFailure ? rejected(order) : toOutcome(verdicts.next().value, order),
  );
  // Not where a key is damaged, which is no fault of the connection.
  if (outcomes.some(isTransient)) count.giveUp();
  return { outcomes, redisMs };
}

/** The orders of messages, each parsed when it is asked for; adds to `read` the order, or the failure, of each message. */
function* validOrders(
  messages: readonly QueueMessage[],
  read: (Order | MessageFailure)[],
  dayOf: DayOf | undefined,
): Generator<Order> {
  for (const message of messages) {
    const order = readOrder(message, dayOf);
    read.push(order);
    if (!(order instanceof MessageFailure)) yield order;
  }
}

const isTransient = (outcome: Outcome): boolean =>
  outcome.status === 'rejected' && failureKindOf(outcome.reason) === 'transient';

/** What counts in this batch: Redis, or where it is away, something that fails all orders. */
type Counter = {
  orders(orders: Iterable<Order>): Promise<Verdict[]>;
  messages: (counts: Parameters<typeof addMessages>[1]) => Promise<void>;
  giveUp(): void;
};

async function counter(connection: RedisConnection): Promise<Counter> {
  try {
    const redis = await connection.open();
    return {
      orders: (orders) => countOrders(redis, orders),
      messages: (counts) => addMessages(redis, counts),
      giveUp: () => connection.drop(redis),
    };
  } catch (cause) {
    return {
      orders: async (orders) => Array.from(orders, () => ({ kind: 'unanswered', cause })),
      messages: async () => {},
      giveUp: () => {},
    };
  }
}

function readOrder(message: QueueMessage, dayOf: DayOf | undefined): Order | MessageFailure {
  const { body } = message;
  if (typeof body !== 'string') return new InvalidMessageError({ field: 'body', rule: 'must be a string' });
  const parsed = parseOrder(body, dayOf);
  if (!parsed.ok) return new InvalidMessageError(parsed.rejection);
  return isAccepted(message) ? { ...parsed.order, isAccepted: true } : parsed.order;
}

function toOutcome(verdict: Verdict | undefined, { isCancelled }: Order): Outcome {
  switch (verdict?.kind) {
    case 'counted':
    case 'revised':
      return { status: 'fulfilled', value: isCancelled ? 'cancelled' : verdict.kind };
    case 'duplicate':
    case 'superseded':
      return { status: 'fulfilled', value: verdict.kind };
    case 'conflict':
      return rejected(new MessageFailure('conflict', 'order_id was counted already with other content'));
    case 'unknown':
      return rejected(
        new MessageFailure(
          'unknown',
          'order_version is above 1, but the order is not remembered and was placed over 30 days ago: an earlier version may be counted',
        ),
      );
    case 'failed':
      return rejected(new MessageFailure('damaged', verdict.reason));
    case 'unanswered':
      return rejected(failureOfRedis(verdict.cause));
    case undefined:
      return rejected(new MessageFailure('transient', 'the order was not counted'));
  }
}

const rejected = (reason: MessageFailure): Outcome => ({ status: 'rejected', reason });
