import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError } from '../redis/errors.ts';
import type { Read } from '../redis/reader.ts';
import { type QueueDepth, readQueueDepth } from '../sqs/queueDepth.ts';
import { type DeadLetters, explainDeadLetters, readDeadLetters } from './deadLetters.ts';
import { type MessageCounts, readMessages } from './messages.ts';

/** A part is null if it cannot be read. */
export type PipelineState = {
  readonly messages: MessageCounts | null;
  readonly queue: { readonly waiting: number; readonly in_flight: number; readonly delayed: number } | null;
  readonly dead_letters: DeadLetters | null;
  /** When an order was last counted or revised (ISO 8601). Null also before the first order. */
  readonly last_count: { readonly at: string; readonly age_seconds: number } | null;
  /** All of the archive before this time has been replayed (ISO 8601). Null also before the first replay. */
  readonly replayed_until: string | null;
};

export type QueueUrls = { readonly queueUrl: string; readonly deadLetterQueueUrl: string };

/** Asks Redis and SQS in parallel. Takes less than a second, the limit of each, and never throws. */
export async function pipelineState(read: Read, { queueUrl, deadLetterQueueUrl }: QueueUrls): Promise<PipelineState> {
  const [counted, queue, deadLetters] = await Promise.all([
    orNull(read(readCounted)),
    orNull(readQueueDepth(queueUrl)),
    orNull(readQueueDepth(deadLetterQueueUrl)),
  ]);
  const { lastCounted, replayedUntil } = counted?.messages ?? {};
  return {
    messages: counted ? counted.messages.counts : null,
    queue: queue && { waiting: queue.waiting, in_flight: queue.inFlight, delayed: queue.delayed },
    // In flight while somebody redrives or inspects them.
    dead_letters: deadLetters && explainDeadLetters(total(deadLetters), counted?.letters ?? null, Date.now()),
    last_count: lastCounted === undefined ? null : lastCount(lastCounted),
    replayed_until: replayedUntil === undefined ? null : new Date(replayedUntil).toISOString(),
  };
}

/** Without the letters if their key is corrupt. */
async function readCounted(redis: RedisClient) {
  const [messages, letters] = await Promise.all([
    readMessages(redis),
    readDeadLetters(redis).catch((error) => {
      if (error instanceof CorruptKeyError) return orNull(Promise.reject(error));
      throw error;
    }),
  ]);
  return { messages, letters };
}

const total = ({ waiting, inFlight, delayed }: QueueDepth): number => waiting + inFlight + delayed;

/** @param seconds since 1970 by the clock of Redis, which may be ahead of ours */
const lastCount = (seconds: number) => ({
  at: new Date(seconds * 1000).toISOString(),
  age_seconds: Math.max(0, Math.floor(Date.now() / 1000) - seconds),
});

async function orNull<T>(part: Promise<T>): Promise<T | null> {
  try {
    return await part;
  } catch (error) {
    logger.error(errorText(error), { error });
    return null;
  }
}
