import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMessageBatchRequestEntry, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { pMapIterable, pMapSkip } from 'p-map';
import { errorText } from '../../lib/errorText.ts';
import { isNetworkError } from '../shared/aws.ts';
import type { OutgoingMessage } from '../shared/message.ts';
import { isAboutContent, isConfirmed, refusalOf } from '../shared/sqs.ts';
import { pace, toBatches } from './batches.ts';

export type Sending = {
  readonly call: Call;
  /** Calls in flight. */
  readonly concurrency: number;
  /** Messages per second at most. */
  readonly rate: number | undefined;
  /** Aborted: reads no more messages, and finishes the calls in flight. */
  readonly signal: AbortSignal;
};

/**
 * Sends messages while they are read, with several calls in flight.
 *
 * @returns the result of each batch, in the order in which they end
 */
export function sendAll(
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
  { call, concurrency, rate, signal }: Sending,
): AsyncIterable<SendReport> {
  const batches = toBatches(takeUntil(signal, messages), rate);
  const due = rate === undefined ? batches : pace(batches, rate, signal);
  return pMapIterable(due, (batch) => (signal.aborted ? pMapSkip : sendBatch(batch, call)), {
    concurrency,
    // Reads ahead, so that no call waits for the file.
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

/** A message that SQS refused. Others may be accepted. */
type Refusal = { readonly message: OutgoingMessage; readonly reason: string };

/** The results of the messages of a batch. */
export type SendReport = {
  readonly sent: readonly OutgoingMessage[];
  readonly refused: readonly Refusal[];
  /** Why sending failed altogether, and the messages that were not sent. */
  readonly stopped?: { readonly error: unknown; readonly messages: readonly OutgoingMessage[] };
};

/** The messages of one call. */
type Group = { readonly messages: readonly OutgoingMessage[]; readonly tries: number };

const MAX_TRIES = 6;
/** For a call that fails as a whole: at least 13 s, in which SQS may start again. */
const MAX_TRIES_OF_CALL = 8;
const FIRST_PAUSE = 200;

/**
 * Sends a batch. Tries again what failed on the side of SQS: six times in all, or eight where the whole call failed, with
 * pauses that double from 0.2 s. The SDK has tried each call several times by then.
 *
 * @param pause - waits for a number of milliseconds
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
      } else if (tries < MAX_TRIES_OF_CALL && isTransient(error)) {
        groups.unshift({ messages, tries });
      } else {
        const left = groups.flatMap(({ messages }) => messages);
        return { sent, refused, stopped: { error, messages: [...messages, ...left] } };
      }
    }
  }
  return { sent, refused };
}

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

/** Whether a failed call may succeed a little later. */
function isTransient(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  if (!(error instanceof Error)) return false;
  return ('$fault' in error && error.$fault === 'server') || /throttl/i.test(error.name);
}
