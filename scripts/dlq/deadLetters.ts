import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { chunksOf, MESSAGES_PER_CALL } from '../../lib/sqs/chunks.ts';
import { isConfirmed } from '../shared/sqs.ts';
import { CONCURRENCY, HeldMessages, type Stuck } from './heldMessages.ts';
import { type QueueState, readQueueState } from './queues.ts';

export type DeadLetter = {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Date;
  /** What SQS says about it. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Record<string, MessageAttributeValue>;
};

/** A long poll asks all servers of SQS, a short one only some. */
const WAIT_SECONDS = 1;
const PAUSE_MS = 1000;

/** Time limits, in seconds. */
type Limits = {
  /** Shortest visibility timeout of a received message. */
  readonly shortestHold: number;
  /** How long to wait for messages that SQS counts but does not hand out. Its counts may be a minute old. */
  readonly patience: number;
};

const LIMITS: Limits = { shortestHold: 60, patience: 60 };

/**
 * The dead-letter queue while a command works on it. Received messages stay invisible until they are deleted or released,
 * so each is seen once.
 */
export class DeadLetters {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #patience: number;
  readonly #seen = new Set<string>();
  readonly #held: HeldMessages;
  #missing = 0;

  constructor(client: SQSClient, url: string, { shortestHold, patience } = LIMITS) {
    this.#client = client;
    this.#url = url;
    this.#patience = patience;
    this.#held = new HeldMessages(client, url, shortestHold);
  }

  /** How many messages {@link rounds} has waited for in vain, according to SQS. */
  get missing(): number {
    return this.#missing;
  }

  /**
   * Receives all messages, some hundreds at a time. It ends when the signal fires, or when SQS hands out no more messages
   * and counts no more than were received. SQS counts more when others have received some. It also does so when too many
   * messages are invisible: then it hands out none, or answers with an error.
   *
   * @param onWait - called once with the number of missing messages, before they are waited for
   * @throws what the SDK throws
   */
  async *rounds(signal: AbortSignal, onWait?: (missing: number) => void): AsyncGenerator<DeadLetter[]> {
    let say = onWait;
    for (let lastNews = performance.now(); ; ) {
      await this.#held.renew();
      // Never aborted: messages whose receipt handles are lost would stay invisible.
      const answers = await Promise.allSettled(Array.from({ length: CONCURRENCY }, () => this.#receive()));
      const letters = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
      if (signal.aborted) return;
      if (letters.length > 0) {
        const fresh = letters.filter(({ messageId }) => this.#isFirstSight(messageId));
        if (fresh.length > 0) yield fresh;
        lastNews = performance.now();
        continue;
      }
      const missing = await this.#countMissing();
      if (missing === 0) return;
      if (performance.now() - lastNews >= this.#patience * 1000) {
        this.#missing = missing;
        return;
      }
      say?.(missing);
      say = undefined;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
    }
  }

  /** {@link rounds} leaves out messages with these ids. */
  ignore(messageIds: readonly string[]): void {
    for (const id of messageIds) this.#seen.add(id);
  }

  /**
   * @returns the messages whose deletion SQS has confirmed
   * @throws what the SDK throws
   */
  async delete(messages: readonly DeadLetter[]): Promise<DeadLetter[]> {
    const deleted = await pMap(
      chunksOf(messages),
      async (chunk) => {
        const Entries = chunk.map(({ messageId }, index) => ({
          Id: `${index}`,
          ReceiptHandle: this.#held.handleOf(messageId),
        }));
        const command = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries });
        const answer = await this.#client.send(command);
        const done = chunk.filter((_, index) => isConfirmed(answer, index));
        for (const { messageId } of done) this.#held.drop(messageId);
        return done;
      },
      { concurrency: CONCURRENCY },
    );
    return deleted.flat();
  }

  /** Makes visible again all messages that were received and not deleted. Never throws. */
  release(): Promise<Stuck> {
    return this.#held.release();
  }

  /** @throws what the SDK throws */
  state(): Promise<QueueState> {
    return readQueueState(this.#client, this.#url);
  }

  #isFirstSight(messageId: string): boolean {
    const isFirst = !this.#seen.has(messageId);
    this.#seen.add(messageId);
    return isFirst;
  }

  /** How many messages SQS counts that are not held here. */
  async #countMissing(): Promise<number> {
    const { visible, invisible } = await this.state();
    return Math.max(0, visible + invisible - this.#held.size);
  }

  async #receive(): Promise<DeadLetter[]> {
    const { seconds, until } = this.#held.nextHold();
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: MESSAGES_PER_CALL,
      VisibilityTimeout: seconds,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(command).catch(nothingWhenOverLimit);
    for (const { MessageId = '', ReceiptHandle = '' } of Messages) this.#held.hold(MessageId, ReceiptHandle, until);
    return Messages.map(toDeadLetter);
  }
}

/** A long poll hands out nothing when too many messages are invisible, a short one fails with this error. */
function nothingWhenOverLimit(error: unknown): { readonly Messages?: Message[] } {
  if (error instanceof Error && error.name === 'OverLimit') return {};
  throw error;
}

function toDeadLetter({ MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} }: Message): DeadLetter {
  return {
    messageId: MessageId,
    body: Body,
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)),
    attributes: { ...Attributes },
    messageAttributes: MessageAttributes,
  };
}
