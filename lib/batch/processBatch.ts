import { type Confirmation, countConfirmed } from '../counting/confirm.ts';
import { countOrders } from '../counting/count.ts';
import type { Verdict } from '../counting/wire.ts';
import { type Order, parseOrder, type StageUnits } from '../orders/order.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { firstCause, isAfterEnd } from '../redis/errors.ts';
import { addMessages } from '../stats/messages.ts';
import { isAccepted, type QueueMessage, receiveCountOf } from './event.ts';
import { failureOfRedis, InvalidMessageError, MessageFailure } from './failure.ts';
import { kindOf, type Outcome, type ProcessedMessage } from './outcome.ts';

/** Each message of a batch with its outcome, and the milliseconds that the batch waited for Redis once all were parsed. */
export type ProcessedBatch = { readonly processed: ProcessedMessage[]; readonly redisMs: number };

/** `confirmation`: who must confirm orders before their messages are done, by default only the memory of Redis. */
export type BatchOptions = StageUnits & { readonly confirmation?: Confirmation | undefined };

/**
 * Counts the orders of a batch, in one round trip: all calls are on their way at once, the first while the next orders
 * are parsed. A confirmation takes one round trip more.
 *
 * @returns each message with its outcome, in the same order; never throws
 */
export async function processBatch(
  messages: readonly QueueMessage[],
  connection: RedisConnection,
  { confirmation, ...units }: BatchOptions = {},
): Promise<ProcessedBatch> {
  const count = await counter(connection, confirmation);
  const read: (Order | MessageFailure)[] = [];
  const counting = count.orders(validOrders(messages, read, units));
  const adding = count.messages({
    invalid: read.filter((order) => order instanceof MessageFailure).length,
    retried: messages.filter((message) => receiveCountOf(message) > 1).length,
  });
  const parsed = performance.now();
  const [answers] = await Promise.all([counting, adding]);
  const verdicts = answers.values();
  const redisMs = performance.now() - parsed;
  const processed = messages.map((message, index): ProcessedMessage => {
    const order = read[index];
    if (order instanceof MessageFailure) return { message, outcome: order };
    return { message, outcome: outcomeOf(verdicts.next().value, order) };
  });
  if (processed.some(isFaultOfConnection)) count.giveUp();
  return { processed, redisMs };
}

/** Not a corrupt key. A new connection has the password and the permissions that Redis has now. */
const isFaultOfConnection = ({ outcome }: ProcessedMessage): boolean =>
  kindOf(outcome) === 'transient' || kindOf(outcome) === 'refused';

/** The orders of messages, each parsed when it is asked for; adds to `read` the order, or the failure, of each message. */
function* validOrders(
  messages: readonly QueueMessage[],
  read: (Order | MessageFailure)[],
  units: StageUnits,
): Generator<Order> {
  for (const message of messages) {
    const order = readOrder(message, units);
    read.push(order);
    if (!(order instanceof MessageFailure)) yield order;
  }
}

/** What counts in this batch: Redis, or where it is away, something that fails all orders. */
type Counter = {
  orders(orders: Iterable<Order>): Promise<Verdict[]>;
  messages: (counts: Parameters<typeof addMessages>[1]) => Promise<void>;
  giveUp(): void;
};

async function counter(connection: RedisConnection, confirmation: Confirmation | undefined): Promise<Counter> {
  try {
    const redis = await connection.open();
    return {
      async orders(orders) {
        const verdicts = await (confirmation
          ? countConfirmed(redis, orders, confirmation)
          : countOrders(redis, orders));
        return withFirstCause(verdicts, connection.endOf(redis));
      },
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

/** Calls that met a connection that had ended get the cause of its end: the error of an earlier call, or its own. */
function withFirstCause(verdicts: readonly Verdict[], end: unknown): Verdict[] {
  const causes = verdicts.flatMap((verdict) => (verdict.kind === 'unanswered' ? [verdict.cause] : []));
  const first = firstCause([...causes, end]);
  return verdicts.map((verdict) =>
    verdict.kind === 'unanswered' && isAfterEnd(verdict.cause) ? { ...verdict, cause: first } : verdict,
  );
}

function readOrder(message: QueueMessage, units: StageUnits): Order | MessageFailure {
  const { body } = message;
  if (typeof body !== 'string') return new InvalidMessageError({ field: 'body', rule: 'must be a string' });
  const parsed = parseOrder(body, units);
  if (!parsed.ok) return new InvalidMessageError(parsed.rejection);
  return isAccepted(message) ? { ...parsed.order, isAccepted: true } : parsed.order;
}

function outcomeOf(verdict: Verdict | undefined, order: Order | undefined): Outcome {
  switch (verdict?.kind) {
    case 'counted':
    case 'revised':
      return order?.isCancelled ? 'cancelled' : verdict.kind;
    case 'duplicate':
    case 'superseded':
      return verdict.kind;
    case 'conflict':
      return new MessageFailure('conflict', 'order_id was counted already with other content');
    case 'unknown':
      return new MessageFailure(
        'unknown',
        'order_version is above 1, but the order is not remembered and was placed over 30 days ago: an earlier version may be counted',
      );
    case 'failed':
      return new MessageFailure('corrupt', verdict.reason);
    case 'unanswered':
      return failureOfRedis(verdict.cause);
    // Each order has a verdict, so this never happens. Only the types do not know.
    case undefined:
      return new MessageFailure('transient', 'the order was not counted');
  }
}
