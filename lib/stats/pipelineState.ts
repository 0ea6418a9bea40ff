import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError } from '../redis/errors.ts';
import type { Read } from '../redis/reader.ts';
import { type QueueDepth, readQueueDepth } from '../sqs/queueDepth.ts';
import { type DeadLetters, explainDeadLetters, type Letters, readDeadLetters } from './deadLetters.ts';
import { type MessageCounts, type Messages, rateAt, readMessages } from './messages.ts';

/** A part is null if it cannot be read. Times are in ISO 8601. */
export type PipelineState = {
  readonly messages: MessageCounts | null;
  /** Orders counted per second, see {@link rateAt}. */
  readonly rate: number | null;
  readonly queue: { readonly waiting: number; readonly in_flight: number; readonly delayed: number } | null;
  readonly dead_letters: DeadLetters | null;
  /** When an order was last counted or revised. Null also before the first order. */
  readonly last_count: { readonly at: string; readonly age_seconds: number } | null;
  /** All of the archive before this time has been replayed. Null also before the first replay. */
  readonly replayed_until: string | null;
  /** When a replay last counted an order that Redis had lost. Null also if none did. */
  readonly restored_at: string | null;
};

export type QueueUrls = { readonly queueUrl: string; readonly deadLetterQueueUrl: string };

/** What Redis knows at a time in milliseconds since 1970. */
export type Counted = {
  readonly now: number;
  readonly messages: Messages | null;
  readonly letters: readonly Letters[] | null;
};

/** What SQS says of the queue of orders and of the dead-letter queue. */
export type Depths = { readonly queue: QueueDepth | null; readonly deadLetters: QueueDepth | null };

/** Asks Redis and SQS in parallel. Takes less than a second, the limit of each, and never throws. */
export async function pipelineState(read: Read, urls: QueueUrls): Promise<PipelineState> {
  const [counted, depths] = await Promise.all([orNull(read(readCounted)), readDepths(urls)]);
  return stateOf(counted, depths);
}

/** Never throws. */
export async function readDepths({ queueUrl, deadLetterQueueUrl }: QueueUrls): Promise<Depths> {
  const [queue, deadLetters] = await Promise.all([
    orNull(readQueueDepth(queueUrl)),
    orNull(readQueueDepth(deadLetterQueueUrl)),
  ]);
  return { queue, deadLetters };
}

export function stateOf(counted: Counted | null, { queue, deadLetters }: Depths): PipelineState {
  const { now, messages, letters } = counted ?? { now: Date.now(), messages: null, letters: null };
  const seconds = Math.floor(now / 1000);
  return {
    messages: messages?.counts ?? null,
    rate: messages && toTwoDigits(rateAt(seconds, messages)),
    queue: queue && { waiting: queue.waiting, in_flight: queue.inFlight, delayed: queue.delayed },
    // In flight while somebody redrives or inspects them.
    dead_letters: deadLetters && explainDeadLetters(total(deadLetters), letters, now),
    last_count: messages?.lastCounted === undefined ? null : lastCount(messages.lastCounted, seconds),
    replayed_until: toIso(messages?.replayedUntil),
    restored_at: toIso(messages?.lastRestored && messages.lastRestored * 1000),
  };
}

/** What is news in a state: an age only says how late it was read. */
export const withoutAges = ({ last_count, dead_letters, ...rest }: PipelineState) => ({
  ...rest,
  last_count: last_count?.at,
  dead_letters: dead_letters && { ...dead_letters, oldest_seconds: undefined },
});

/** Without the letters if their key is corrupt. */
async function readCounted(redis: RedisClient): Promise<Counted> {
  const [messages, letters] = await Promise.all([readMessages(redis), soundOrNull(() => readDeadLetters(redis))]);
  return { now: Date.now(), messages, letters };
}

const total = ({ waiting, inFlight, delayed }: QueueDepth): number => waiting + inFlight + delayed;

/** @param seconds since 1970 by the clock of Redis, which may be ahead of ours */
const lastCount = (seconds: number, now: number) => ({
  at: new Date(seconds * 1000).toISOString(),
  age_seconds: Math.max(0, now - seconds),
});

const toIso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** After the point. */
const toTwoDigits = (number: number): number => Math.round(number * 100) / 100;

/** Null if a key is corrupt. @throws any other error */
export async function soundOrNull<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CorruptKeyError)) throw error;
    logger.error(errorText(error), { error });
    return null;
  }
}

export async function orNull<T>(part: Promise<T>): Promise<T | null> {
  try {
    return await part;
  } catch (error) {
    logger.error(errorText(error), { error });
    return null;
  }
}
