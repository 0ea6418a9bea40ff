import { type Order, parseOrder } from '../orders/order.ts';
import type { RedisConnection } from '../redis.ts';
import { countOrders } from '../stats/count.ts';
import type { Verdict } from '../stats/countCall.ts';
import type { QueueMessage } from './event.ts';
import { failureKindOf, failureOfRedis, InvalidMessage, MessageFailure } from './failure.ts';

/** What became of a message that is done with. */
export type Done = 'counted' | 'duplicate';

/** What became of a message: done, or the failure that keeps it in the queue. */
export type Outcome = PromiseSettledResult<Done>;

/** What became of each message of a batch, and the milliseconds that it waited for Redis once all were parsed. */
export type ProcessedBatch = { readonly outcomes: Outcome[]; readonly redisMs: number };

/** Small, so that Redis has work soon. */
const FIRST_CHUNK = 10;
/** The next ones are larger, as each is a script that costs something by itself. */
const CHUNK_GROWTH = 1.5;
const LARGEST_CHUNK = 40;

/**
 * Counts the orders of a batch. It is worked off in chunks that are all on their way at once: while Redis counts the
 * first, the next is parsed, and no script keeps Redis from others for longer than a few orders take. Chunks use one
 * connection in order, so a batch costs the time of one round trip, on a cluster of two.
 *
 * @returns an outcome for each message, in the same order; never throws
 */
export async function processBatch(
  messages: readonly QueueMessage[],
  connection: RedisConnection,
): Promise<ProcessedBatch> {
  const count = await counter(connection);
  const chunks = chunksOf(messages).map((chunk) => processChunk(chunk, count.orders));
  const parsed = performance.now();
  const outcomes = (await Promise.all(chunks)).flat();
  const redisMs = performance.now() - parsed;
  // Only now, as other chunks, or on a cluster other nodes, may have counted over the same connection meanwhile; and not
  // where a key is damaged, which is no fault of the connection.
  if (outcomes.some(isTransient)) count.giveUp();
  return { outcomes, redisMs };
}

function chunksOf(messages: readonly QueueMessage[]): QueueMessage[][] {
  const chunks: QueueMessage[][] = [];
  let size = FIRST_CHUNK;
  for (let start = 0; start < messages.length; ) {
    chunks.push(messages.slice(start, start + size));
    start += size;
    size = Math.min(Math.round(size * CHUNK_GROWTH), LARGEST_CHUNK);
  }
  return chunks;
}

const isTransient = (outcome: Outcome): boolean =>
  outcome.status === 'rejected' && failureKindOf(outcome.reason) === 'transient';

type Count = (orders: readonly Order[]) => Promise<Verdict[]>;

/** What counts the orders of this batch: Redis, or where it is away, something that fails them all. */
async function counter(connection: RedisConnection): Promise<{ readonly orders: Count; giveUp(): void }> {
  try {
    const redis = await connection.open();
    return { orders: (orders) => countOrders(redis, orders), giveUp: () => connection.drop(redis) };
  } catch (cause) {
    return { orders: async (orders) => orders.map(() => ({ kind: 'unanswered', cause })), giveUp: () => {} };
  }
}

async function processChunk(messages: readonly QueueMessage[], count: Count): Promise<Outcome[]> {
  const parsed = messages.map(readOrder);
  const orders = parsed.filter((result): result is Order => !(result instanceof MessageFailure));
  const verdicts = await count(orders);

  let next = 0;
  return parsed.map((result) => {
    const verdict = result instanceof MessageFailure ? result : verdicts[next++];
    return toOutcome(verdict ?? new MessageFailure('transient', 'the order was not counted'));
  });
}

function readOrder({ body }: QueueMessage): Order | MessageFailure {
  if (typeof body !== 'string') return new InvalidMessage({ field: 'body', rule: 'must be a string' });
  const parsed = parseOrder(body);
  return parsed.ok ? parsed.order : new InvalidMessage(parsed.rejection);
}

function toOutcome(verdict: Verdict | MessageFailure): Outcome {
  if (verdict instanceof MessageFailure) return { status: 'rejected', reason: verdict };
  switch (verdict.kind) {
    case 'counted':
    case 'duplicate':
      return { status: 'fulfilled', value: verdict.kind };
    case 'conflict': {
      const reason = 'order_id was counted already with other content';
      return { status: 'rejected', reason: new MessageFailure('conflict', reason) };
    }
    case 'failed':
      return { status: 'rejected', reason: new MessageFailure('damaged', verdict.reason) };
    case 'unanswered':
      return { status: 'rejected', reason: failureOfRedis(verdict.cause) };
  }
}
