import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { ACCEPT_UNKNOWN } from '../../lib/batch/event.ts';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { type Progress, showProgress } from '../shared/progress.ts';
import { findQueueUrl, isAboutContent, isConfirmed, refusalOf } from '../shared/sqs.ts';
import type { DeadLetter, DeadLetters } from './deadLetters.ts';
import { type Explanation, explainLetters } from './findings.ts';
import { CONCURRENCY } from './heldMessages.ts';
import { describeStaying, type Job, Reasons } from './job.ts';
import type { Ledger } from './ledger.ts';
import { moveAll, type QueuePair, readQueueState } from './queues.ts';

/** What is sent back, and how to stop it. */
export type Redrive = {
  readonly client: SQSClient;
  readonly queues: QueuePair;
  readonly from: DeadLetters;
  readonly fromUrl: string;
  readonly signal: AbortSignal;
  /** Given: only these are sent back. */
  readonly choice?: Choice;
};

/**
 * `redrive`: SQS itself moves all messages, where it can.
 *
 * @returns the job that is left to do: to send them back one by one
 * @throws a {@link CommandError}, or what the SDK throws
 */
export async function redrive({ client, queues, from, fromUrl, signal, choice }: Redrive): Promise<Job | undefined> {
  const { queue, dlq } = queues;
  const toUrl = await findQueueUrl(client, queue);
  const source = await readQueueState(client, fromUrl);
  const { arn } = await readQueueState(client, toUrl);
  if (source.arn === arn) throw new CommandError(`${queue} and ${dlq} are the same queue`);
  await choice?.ledger.check();
  const newProgress = () => showProgress({ kind: 'generated', size: source.visible }, process.stderr);

  if (!choice) {
    const progress = newProgress();
    const onProgress = (moved: number) => progress.show(moved, moved);
    const move = moveAll(client, { from: source.arn, to: arn, signal, onProgress });
    const moved = await move.finally(() => progress.stop());
    if (moved !== undefined) {
      console.log(`sent back to ${queue}: ${messages(moved)}`);
      const { visible, invisible } = await readQueueState(client, fromUrl);
      if (visible + invisible > 0) console.log(`SQS still counts about ${messages(visible + invisible)} in ${dlq}`);
      return undefined;
    }
    console.error('This SQS has no message move tasks: the messages are sent back one by one');
  }
  return sendingBack({ client, from, toUrl, queue, dlq, progress: newProgress() }, choice);
}

/** `--only retryable`: what would change the totals now, or nothing. */
export const retryable = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['would-count', 'would-replace', 'counted', 'superseded'],
});

/** `--accept-unknown`: what counts only as a person has decided so. */
export const acceptedUnknown = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['unknown'],
  attributes: { [ACCEPT_UNKNOWN]: { DataType: 'String', StringValue: 'true' } },
});

/** Where from and where to. */
type Redriving = {
  readonly client: SQSClient;
  readonly from: DeadLetters;
  readonly toUrl: string;
  readonly queue: string;
  readonly dlq: string;
  readonly progress: Progress;
};

/** Which messages are sent back, and with which message attributes besides their own. */
export type Choice = {
  readonly ledger: Ledger;
  readonly kinds: readonly Explanation['kind'][];
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
};

/**
 * `redrive`, message by message. Each is deleted from the dead-letter queue only when SQS has confirmed that it was
 * sent. A crash in between leaves it in both queues: two messages of one order, which counts once all the same, as the
 * ledger knows it when the second one comes.
 *
 * @param choice - undefined: all messages go back, whatever would become of them
 */
function sendingBack(route: Redriving, choice: Choice | undefined): Job {
  const { client, from, toUrl, queue, dlq } = route;
  let sentBack = 0;
  let inBoth = 0;
  const staying = new Reasons();
  const refuse = (reason: string) => staying.add({ kind: 'not-looked-up', group: `not sent: ${reason}` });

  /** @returns what SQS has confirmed */
  async function send(letters: readonly DeadLetter[]): Promise<DeadLetter[]> {
    const Entries = letters.map((letter, index) => toEntry(letter, index, choice?.attributes));
    try {
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: toUrl, Entries }));
      const { Successful = [] } = answer;
      // Those that cannot be counted may be back in the dead-letter queue before we are through with it.
      from.ignore(Successful.map(({ MessageId = '' }) => MessageId));
      const sent: DeadLetter[] = [];
      for (const [index, letter] of letters.entries()) {
        if (isConfirmed(answer, index)) sent.push(letter);
        else refuse(refusalOf(answer, index)?.Code ?? 'SQS did not confirm it');
      }
      return sent;
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      if (letters.length > 1) return (await pMap(letters, (letter) => send([letter]), { concurrency: 1 })).flat();
      refuse(error.name);
      return [];
    }
  }

  return {
    async take(letters) {
      let chosen = letters;
      if (choice) {
        const explanations = await explainLetters(letters, choice.ledger);
        const isChosen = ({ kind }: Explanation) => choice.kinds.includes(kind);
        for (const explanation of explanations) if (!isChosen(explanation)) staying.add(explanation);
        chosen = explanations.filter(isChosen).map(({ letter }) => letter);
      }
      await pMap(
        chunksOf(chosen),
        async (chunk) => {
          const sent = await send(chunk);
          sentBack += sent.length;
          inBoth += sent.length;
          const deleted = sent.length > 0 ? await from.delete(sent) : [];
          inBoth -= deleted.length;
          route.progress.show(sentBack, sentBack);
        },
        // On an error too, what was sent is deleted before the command ends.
        { concurrency: CONCURRENCY, stopOnError: false },
      ).catch(throwFirst);
    },
    hasBegun: () => sentBack > 0,
    async close() {
      choice?.ledger.close();
      route.progress.stop();
    },
    summary(rest) {
      const both =
        inBoth > 0
          ? `\n${messages(inBoth)} of these could not be deleted from ${dlq}: harmless, as an order counts once`
          : '';
      return `sent back to ${queue}: ${messages(sentBack)}${both}\n${describeStaying(dlq, staying, rest)}`;
    },
  };
}

function throwFirst(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error;
}

function toEntry(
  { body, messageAttributes, attributes }: DeadLetter,
  index: number,
  moreAttributes: Choice['attributes'],
): SendMessageBatchRequestEntry {
  const { MessageGroupId } = attributes;
  return {
    Id: `${index}`,
    MessageBody: body,
    MessageAttributes: { ...messageAttributes, ...moreAttributes },
    ...(MessageGroupId && { MessageGroupId }),
  };
}
