import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMessageBatchRequestEntry, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { pMapIterable, pMapSkip } from 'p-map';
import { errorText } from '../../lib/errorText.ts';
import type { OutgoingMessage } from '../shared/message.ts';
import { isAboutContent, isConfirmed, isNetworkError, refusalOf } from '../shared/sqs.ts';
import { pace, toBatches } from './batches.ts';

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
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
  { call, concurrency, rate, signal }: Sending,
): AsyncIterable<SendReport> {
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
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
): AsyncGenerator<OutgoingMessage> {
  for await (const message of messages) {
    if (signal.aborted) return;
    yield message;
  }
}

/** Sends the entries of one call: SendMessageBatch with its queue. */
export type Call = (entries: SendMessageBatchRequestEntry[]) => Promise<Partial<SendMessageBatchResult>>;

/** A message that SQS did not take, and why; others may go through. */
type Refusal = { readonly message: OutgoingMessage; readonly reason: string };

/** The results of the messages of a batch. */
export type SendReport = {
  readonly sent: readonly OutgoingMessage[];
  readonly refused: readonly Refusal[];
  /** Why nothing goes through any more, and what did not. */
  readonly stopped?: { readonly error: unknown; readonly messages: readonly OutgoingMessage[] };
};

/** Messages that go in one call, and how often they were tried already. */
type Group = { readonly messages: readonly OutgoingMessage[]; readonly tries: number };

const MAX_TRIES = 6;
/** Of a call that fails as a whole: for 13 s at least, so that SQS may start again meanwhile. */
const MAX_TRIES_OF_CALL = 8;
const FIRST_PAUSE = 200;

/**
 * Sends a batch. What SQS could not take for reasons of its own is tried again, six times in all, or eight where the whole
 * call failed, with pauses that double from 0.2 s. The SDK has by then tried each call several times itself.
 *
 * @param pause - waits for some milliseconds
 * @returns the result of each message; never throws
 */
export async function sendBatch(
  batch: readonly OutgoingMessage[],
  call: Call,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<SendReport> {
  const sent: OutgoingMessage[] = [];
  const refused: Refusal[] = [];
  const groups: Group[] = [{ messages: batch, tries: 0 }];
  for (let group = groups.shift(); group; group = groups.shift()) {
    const { messages } = group;
    if (group.tries > 0) await pause(FIRST_PAUSE * 2 ** (group.tries - 1) * (0.5 + Math.random()));
    const tries = group.tries + 1;
    try {
      const answer = await call(messages.map(({ body }, index) => ({ Id: String(index), MessageBody: body })));
      const again: OutgoingMessage[] = [];
      for (const [index, message] of messages.entries()) {
        const verdict = verdictOf(answer, index, tries);
        if (verdict === 'sent') sent.push(message);
        else if (verdict === 'again') again.push(message);
        else refused.push({ message, reason: verdict.refused });
      }
      if (again.length > 0) groups.unshift({ messages: again, tries });
    } catch (error) {
      const [message] = messages;
      if (isAboutContent(error) && messages.length > 1) {
        groups.unshift(...messages.map((one) => ({ messages: [one], tries: 0 })));
      } else if (isAboutContent(error) && message) {
        refused.push({ message, reason: `${error.name}: ${errorText(error)}` });
      } else if (tries < MAX_TRIES_OF_CALL && mayPass(error)) {
        groups.unshift({ messages, tries });
      } else {
        const left = groups.flatMap(({ messages }) => messages);
        return { sent, refused, stopped: { error, messages: [...messages, ...left] } };
      }
    }
  }
  return { sent, refused };
}

/** What the answer says about one entry. One that it does not mention has failed. */
function verdictOf(
  answer: Partial<SendMessageBatchResult>,
  index: number,
  tries: number,
): 'sent' | 'again' | { refused: string } {
  if (isConfirmed(answer, index)) return 'sent';
  const failure = refusalOf(answer, index);
  const reason = failure ? `${failure.Code}: ${failure.Message ?? ''}` : 'SQS did not confirm it';
  if (failure?.SenderFault) return { refused: reason };
  return tries < MAX_TRIES ? 'again' : { refused: `${reason} (tried ${tries} times)` };
}

/** Whether a call that failed may go through a little later. */
function mayPass(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  if (!(error instanceof Error)) return false;
  return ('$fault' in error && error.$fault === 'server') || /throttl/i.test(error.name);
}
