import { pMapIterable, pMapSkip } from 'p-map';
import type { Message } from '../shared/message.ts';
import { pace, toBatches } from './batches.ts';
import { type Call, type Outcome, sendBatch } from './send.ts';

/** How to send. */
export type Sending = {
  readonly call: Call;
  /** Calls in flight. */
  readonly concurrency: number;
  /** Messages a second at most. */
  readonly rate: number | undefined;
  /** Aborted: nothing more is read, calls in flight are finished. */
  readonly signal: AbortSignal;
};

/**
 * Sends messages, several calls at once, as they can be read.
 *
 * @returns the result of each batch, in the order in which they are done
 */
export function sendAll(
  messages: AsyncIterable<Message> | Iterable<Message>,
  { call, concurrency, rate, signal }: Sending,
): AsyncIterable<Outcome> {
  const batches = toBatches(takeUntil(signal, messages), rate);
  const due = rate === undefined ? batches : pace(batches, rate, signal);
  return pMapIterable(due, (batch) => (signal.aborted ? pMapSkip : sendBatch(batch, call)), {
    concurrency,
    // Read ahead, so that a call does not wait for the file.
    backpressure: 2 * concurrency,
    preserveOrder: false,
  });
}

async function* takeUntil(
  signal: AbortSignal,
  messages: AsyncIterable<Message> | Iterable<Message>,
): AsyncGenerator<Message> {
  for await (const message of messages) {
    if (signal.aborted) return;
    yield message;
  }
}
