import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { chunksOf, MESSAGES_A_CALL } from '../../lib/batch/sqsCall.ts';
import { isConfirmed } from '../shared/sqsBatch.ts';
import { CONCURRENCY, HeldMessages } from './heldMessages.ts';
import { readQueueState } from './queues.ts';

/** A message of the dead-letter queue. */
export type DeadLetter = {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Date;
  /** What SQS says about it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What its producer added to the body. */
  readonly messageAttributes: Record<string, MessageAttributeValue>;
};

/** SQS may answer that there is nothing though there is: it is asked 16 times. */
const QUIET_ROUNDS = 2;
/** A long poll asks all servers of SQS, a short one just some. */
const WAIT_SECONDS = 1;

/** Short, as a message is invisible that long when this process is killed. */
const FIRST_TIMEOUT = 60;

/**
 * The dead-letter queue while a command works on it. Messages that it received are invisible to others until they are
 * deleted or released, so that each is seen once.
 */
export class DeadLetters {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #seen = new Set<string>();
  readonly #held: HeldMessages;

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
    this.#held = new HeldMessages(client, url);
  }

  /**
   * Receives all messages, some dozens at a time, until there are no more or the signal fires.
   *
   * @throws what the SDK throws
   */
  async *rounds(signal: AbortSignal): AsyncGenerator<DeadLetter[]> {
    for (let quiet = 0; quiet < QUIET_ROUNDS; ) {
      await this.#held.renew();
      // Never cut off: what SQS has handed out would stay invisible though nobody knows its receipt handle.
      const answers = await Promise.allSettled(Array.from({ length: CONCURRENCY }, () => this.#receive()));
      const fresh: DeadLetter[] = [];
      for (const answer of answers) if (answer.status === 'fulfilled') fresh.push(...answer.value);
      for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
      if (signal.aborted) return;
      quiet = fresh.length === 0 ? quiet + 1 : 0;
      if (fresh.length > 0) yield fresh;
    }
  }

  /** Messages with these ids are not handed out by {@link rounds}, should they come. */
  ignore(messageIds: readonly string[]): void {
    for (const id of messageIds) this.#seen.add(id);
  }

  /**
   * Deletes messages.
   *
   * @returns those that SQS has confirmed
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

  /**
   * Makes visible again all that was received and not deleted.
   *
   * @returns how many could not be, and become visible when their timeouts end; never throws
   */
  release(): Promise<number> {
    return this.#held.release();
  }

  /** How many messages the queue holds, visible or not, as far as SQS knows; undefined when it does not answer. */
  async count(): Promise<number | undefined> {
    try {
      const { visible, invisible } = await readQueueState(this.#client, this.#url);
      return visible + invisible;
    } catch {
      return undefined;
    }
  }

  async #receive(): Promise<DeadLetter[]> {
    const until = performance.now() + FIRST_TIMEOUT * 1000;
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: MESSAGES_A_CALL,
        VisibilityTimeout: FIRST_TIMEOUT,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    const fresh: DeadLetter[] = [];
    for (const message of Messages) {
      const letter = toDeadLetter(message);
      this.#held.hold(letter.messageId, message.ReceiptHandle ?? '', until);
      if (this.#seen.has(letter.messageId)) continue;
      this.#seen.add(letter.messageId);
      fresh.push(letter);
    }
    return fresh;
  }
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
