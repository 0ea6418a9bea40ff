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
import { type Explanation, explainLetters } from './explanations.ts';
import { CONCURRENCY } from './heldMessages.ts';
import { describeStaying, type Job, Reasons, type Rest } from './job.ts';
import type { Ledger } from './ledger.ts';
import { moveAll, type QueuePair, readQueueState } from './queues.ts';

/** What is sent back, and how to stop it. */
export type Redrive = {
  readonly client: SQSClient;
  readonly queues: QueuePair;
  readonly from: DeadLetters;
  readonly signal: AbortSignal;
  /** Undefined: all messages go back, even those that cannot count. */
  readonly choice: Choice | undefined;
};

/** Which messages are sent back, and with which additional message attributes. */
export type Choice = {
  readonly ledger: Ledger;
  readonly kinds: readonly Explanation['kind'][];
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
};

/** `--only retryable`: what would now change the totals, or nothing. */
export const retryable = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['would-count', 'would-replace', 'counted', 'superseded'],
});

/** `--accept-unknown`: what counts only because a person decided so. */
export const acceptedUnknown = (ledger: Ledger): Choice => ({
  ledger,
  kinds: ['unknown'],
  attributes: { [ACCEPT_UNKNOWN]: { DataType: 'String', StringValue: 'true' } },
});

/**
 * `redrive`: without a choice SQS itself moves the messages if it can.
 *
 * @returns the job of sending them back one by one, unless SQS has moved them
 * @throws a {@link CommandError}, or what the SDK throws
 */
export async function redrive(request: Redrive): Promise<Job | undefined> {
  const { client, queues, from, signal, choice } = request;
  const toUrl = await findQueueUrl(client, queues.queue);
  const source = await from.state();
  const { arn } = await readQueueState(client, toUrl);
  if (source.arn === arn) throw new CommandError(`${queues.queue} and ${queues.dlq} are the same queue`);
  await choice?.ledger.check();
  const newProgress = () => showProgress({ kind: 'generated', size: source.visible }, process.stderr);

  if (!choice) {
    const progress = newProgress();
    const onProgress = (moved: number) => progress.show(moved, moved);
    const move = moveAll(client, { from: source.arn, to: arn, signal, onProgress });
    const moved = await move.finally(() => progress.stop());
    if (moved !== undefined) {
      console.log(`sent back to ${queues.queue}: ${messages(moved)}`);
      const { visible, invisible } = await from.state();
      const left = visible + invisible;
      if (left > 0) console.log(`SQS still counts about ${messages(left)} in ${queues.dlq}`);
      return undefined;
    }
    console.error('This SQS has no message move tasks: the messages are sent back one by one');
  }
  return new SendingBack(request, toUrl, newProgress());
}

/**
 * Sends messages back one by one. Each is deleted from the dead-letter queue only when SQS has confirmed that it was sent.
 * A crash in between leaves it in both queues. Its order still counts once: the ledger knows it when the second message
 * comes.
 */
class SendingBack implements Job {
  readonly #request: Redrive;
  readonly #toUrl: string;
  readonly #progress: Progress;
  readonly #staying = new Reasons();
  #sentBack = 0;
  #inBoth = 0;

  constructor(request: Redrive, toUrl: string, progress: Progress) {
    this.#request = request;
    this.#toUrl = toUrl;
    this.#progress = progress;
  }

  async take(letters: readonly DeadLetter[]): Promise<void> {
    const { choice } = this.#request;
    const chosen = choice ? await this.#choose(letters, choice) : letters;
    // After an error too, every sent message is deleted before the command ends.
    const options = { concurrency: CONCURRENCY, stopOnError: false };
    await pMap(chunksOf(chosen), (chunk) => this.#move(chunk), options).catch(throwFirst);
  }

  hasBegun(): boolean {
    return this.#sentBack > 0;
  }

  async close(): Promise<void> {
    this.#progress.stop();
  }

  summary(rest: Rest): string {
    const { queue, dlq } = this.#request.queues;
    const inBoth =
      this.#inBoth > 0
        ? `\n${messages(this.#inBoth)} of these could not be deleted from ${dlq}: ` +
          'harmless as long as their orders are remembered (30 days)'
        : '';
    const staying = describeStaying(dlq, this.#staying, rest, this.#inBoth);
    return `sent back to ${queue}: ${messages(this.#sentBack)}${inBoth}\n${staying}`;
  }

  /** Notes why the others stay. */
  async #choose(letters: readonly DeadLetter[], { ledger, kinds }: Choice): Promise<DeadLetter[]> {
    const explanations = await explainLetters(letters, ledger);
    const isChosen = ({ kind }: Explanation) => kinds.includes(kind);
    for (const explanation of explanations) if (!isChosen(explanation)) this.#staying.add(explanation);
    return explanations.filter(isChosen).map(({ letter }) => letter);
  }

  async #move(letters: readonly DeadLetter[]): Promise<void> {
    const sent = await this.#send(letters);
    this.#sentBack += sent.length;
    this.#inBoth += sent.length;
    const deleted = sent.length > 0 ? await this.#request.from.delete(sent) : [];
    this.#inBoth -= deleted.length;
    this.#progress.show(this.#sentBack, this.#sentBack);
  }

  /** @returns the messages that SQS has confirmed */
  async #send(letters: readonly DeadLetter[]): Promise<DeadLetter[]> {
    const { client, from, choice } = this.#request;
    const Entries = letters.map((letter, index) => toEntry(letter, index, choice?.attributes));
    try {
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: this.#toUrl, Entries }));
      const { Successful = [] } = answer;
      // Those that cannot count may return to the dead-letter queue while this command still reads it.
      from.ignore(Successful.map(({ MessageId = '' }) => MessageId));
      const sent: DeadLetter[] = [];
      for (const [index, letter] of letters.entries()) {
        if (isConfirmed(answer, index)) sent.push(letter);
        else this.#refuse(refusalOf(answer, index)?.Code ?? 'SQS did not confirm it');
      }
      return sent;
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      if (letters.length > 1) return (await pMap(letters, (letter) => this.#send([letter]), { concurrency: 1 })).flat();
      this.#refuse(error.name);
      return [];
    }
  }

  #refuse(reason: string): void {
    this.#staying.add({ kind: 'not-looked-up', group: `not sent: ${reason}` });
  }
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
