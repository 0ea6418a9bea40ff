import { setTimeout as sleep } from 'node:timers/promises';
import { MESSAGES_PER_CALL } from '../../lib/sqs/chunks.ts';
import type { OutgoingMessage } from '../shared/message.ts';

/** Most bytes in one call; SQS counts all bodies together. */
const BYTES_A_CALL = 256 * 1024;
/** With a rate, calls a second to aim at, so that a low rate does not come in bursts of ten. */
const CALLS_A_SECOND = 10;
/** How far behind its time a call may be made up for, in milliseconds. */
const CATCH_UP = 1000;

/** Groups messages into calls: up to 10 and 256 KiB. A message above that has a call of its own. */
export async function* toBatches(
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
  rate = Number.POSITIVE_INFINITY,
): AsyncGenerator<OutgoingMessage[]> {
  const most = Math.min(Math.max(Math.ceil(rate / CALLS_A_SECOND), 1), MESSAGES_PER_CALL);
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  for await (const message of messages) {
    if (batch.length === most || (batch.length > 0 && bytes + message.bytes > BYTES_A_CALL)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += message.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** The clock, replaced in tests. */
export type Clock = { now(): number; sleep(ms: number, signal: AbortSignal): Promise<unknown> };

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * Gives out each batch when its time has come. After a delay it is faster for at most a second's worth of messages.
 *
 * @param rate - messages a second
 * @param signal - ends a wait, and the batches with it
 */
export async function* pace(
  batches: AsyncIterable<OutgoingMessage[]>,
  rate: number,
  signal: AbortSignal,
  clock: Clock = realClock,
): AsyncGenerator<OutgoingMessage[]> {
  let due = clock.now();
  for await (const batch of batches) {
    const now = clock.now();
    if (due > now) {
      const isStopped = await clock.sleep(due - now, signal).then(
        () => false,
        () => true,
      );
      if (isStopped) return;
    }
    due = Math.max(due, now - CATCH_UP) + (batch.length * 1000) / rate;
    yield batch;
  }
}
