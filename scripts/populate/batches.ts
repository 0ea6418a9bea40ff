import { setTimeout as sleep } from 'node:timers/promises';
import { MESSAGES_PER_CALL } from '../../lib/sqs/chunks.ts';
import type { OutgoingMessage } from '../shared/message.ts';

/** SQS counts all bodies of a call together. */
const BYTES_PER_CALL = 256 * 1024;
/** The aim with a rate, so that a low rate does not come in bursts of ten. */
const CALLS_PER_SECOND = 10;
/** A delay is made up for up to this many milliseconds. */
const CATCH_UP = 1000;

/** Groups messages into calls of up to 10 messages and 256 KiB. A larger message gets its own call. */
export async function* toBatches(
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
  rate = Number.POSITIVE_INFINITY,
): AsyncGenerator<OutgoingMessage[]> {
  const most = Math.min(Math.max(Math.ceil(rate / CALLS_PER_SECOND), 1), MESSAGES_PER_CALL);
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  for await (const message of messages) {
    if (batch.length === most || (batch.length > 0 && bytes + message.bytes > BYTES_PER_CALL)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += message.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** Replaced in tests. */
export type Clock = { now(): number; sleep(ms: number, signal: AbortSignal): Promise<unknown> };

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * Yields each batch when it is due. After a delay it catches up by at most the messages of a second.
 *
 * @param rate - messages per second
 * @param signal - ends a wait, and with it the batches
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
