import { Counting } from '../counting/count.ts';
import type { Verdict } from '../counting/wire.ts';
import { type Order, parseOrder, type StageUnits } from '../orders/order.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { firstCause, isAfterEnd } from '../redis/errors.ts';
import { addMessages } from '../stats/messages.ts';
import { isAccepted, type QueueMessage, receiveCountOf } from './event.ts';
import {
  failureOfArchive,
  failureOfRedis,
  InvalidMessageError,
  MessageFailure,
  type Outcome,
  type ProcessedMessage,
} from './outcome.ts';

/**
 * Each message of a batch with its outcome. `redisMs` and `archiveMs`: how long the batch waited for Redis after parsing, and
 * for the archive.
 */
export type ProcessedBatch = {
  readonly processed: readonly ProcessedMessage[];
  readonly redisMs: number;
  readonly archiveMs: number;
};

/** Puts the orders of a batch into the archive. @throws the error of S3 or of the connection */
export type Keep = (orders: readonly Order[]) => Promise<void>;

/** `keep`: without it, only Redis has the orders. */
export type BatchOptions = StageUnits & { readonly keep?: Keep | undefined };

/**
 * Counts the orders of a batch in one round trip, then keeps them. Calls are pipelined: Redis counts the first orders while the
 * next are parsed. An order that is counted but not kept fails; it comes back as a duplicate, which is kept. A duplicate may be
 * such an order, so the archive gets it each time.
 *
 * @returns each message with its outcome, in the same order; never throws
 */
export async function processBatch(
  messages: readonly QueueMessage[],
  connection: RedisConnection,
  { keep, ...units }: BatchOptions = {},
): Promise<ProcessedBatch> {
  const redis = await connection.open().catch(failureOfRedis);
  if (redis instanceof MessageFailure) {
    return { processed: withoutRedis(messages, units, redis), redisMs: 0, archiveMs: 0 };
  }
  const counting = new Counting(redis);
  const results = { invalid: 0, retried: messages.filter((message) => receiveCountOf(message) > 1).length };
  const settling = messages.map(async (message): Promise<ProcessedMessage> => {
    const order = readOrder(message, units);
    if (order instanceof MessageFailure) {
      results.invalid++;
      return { message, outcome: order };
    }
    const verdict = await counting.add(order, isAccepted(message));
    return { message, order, outcome: outcomeOf(verdict, order, () => [counting.failure, connection.endOf(redis)]) };
  });
  counting.flush();
  const parsed = performance.now();
  const adding = addMessages(redis, results);
  const counted = await Promise.all(settling);
  await adding;
  if (counted.some(isFaultOfConnection)) connection.drop(redis);
  const answered = performance.now();
  const processed = await keepDone(counted, keep);
  return { processed, redisMs: answered - parsed, archiveMs: performance.now() - answered };
}

async function keepDone(counted: readonly ProcessedMessage[], keep: Keep | undefined) {
  const orders = counted.flatMap(({ order, outcome }) => (order && isDone(outcome) ? [order] : []));
  if (!keep || orders.length === 0) return counted;
  try {
    await keep(orders);
    return counted;
  } catch (error) {
    const failure = failureOfArchive(error);
    return counted.map((each) => (isDone(each.outcome) ? { ...each, outcome: failure } : each));
  }
}

/** Finds the invalid messages where Redis cannot be reached. */
const withoutRedis = (messages: readonly QueueMessage[], units: StageUnits, failure: MessageFailure) =>
  messages.map((message): ProcessedMessage => {
    const order = readOrder(message, units);
    return { message, outcome: order instanceof MessageFailure ? order : failure };
  });

const isDone = (outcome: Outcome): boolean => !(outcome instanceof MessageFailure);

/** A corrupt key is none. After a refusal, a new connection gets the password and the permissions that apply now. */
const isFaultOfConnection = ({ outcome }: ProcessedMessage): boolean =>
  outcome instanceof MessageFailure && (outcome.kind === 'transient' || outcome.kind === 'refused');

function readOrder({ body }: QueueMessage, units: StageUnits): Order | MessageFailure {
  if (typeof body !== 'string') return new InvalidMessageError({ field: 'body', rule: 'must be a string' });
  const parsed = parseOrder(body, units);
  return parsed.ok ? parsed.order : new InvalidMessageError(parsed.rejection);
}

/** @param whyEnded gives what may say why a connection ended; errors of later calls only say that it is closed */
function outcomeOf(verdict: Verdict, order: Order, whyEnded: () => readonly unknown[]): Outcome {
  switch (verdict.kind) {
    case 'counted':
    case 'revised':
      return order.isCancelled ? 'cancelled' : verdict.kind;
    case 'duplicate':
    case 'superseded':
      return verdict.kind;
    case 'conflict':
      return new MessageFailure('conflict', 'order_id was counted already with other content');
    case 'unknown':
      return new MessageFailure(
        'unknown',
        'order_version is above 1, but the order is not remembered and was placed over 29 days ago: an earlier version may be counted',
      );
    case 'corrupt':
      return new MessageFailure('corrupt', verdict.reason);
    case 'unanswered':
      return failureOfRedis(isAfterEnd(verdict.cause) ? firstCause([...whyEnded(), verdict.cause]) : verdict.cause);
  }
}
