import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { chunksOf } from '../../lib/batch/sqsCall.ts';
import { isConfirmed } from '../shared/sqsBatch.ts';

/** Visibility timeout of messages that are held for longer than their first one. */
const NEXT_TIMEOUT = 300;
const RENEWED_WHEN_LEFT = 30;

type Held = { readonly receiptHandle: string; readonly until: number };

/** Messages that were received and are kept invisible to others. */
export class HeldMessages {
  readonly #client: SQSClient;
  readonly #url: string;
  /** By message id; in the order in which their visibility timeouts end, nearly. */
  readonly #held = new Map<string, Held>();

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /**
   * Remembers a message. One that comes a second time has a new handle, and the old one is worth nothing any more.
   *
   * @param until - when its visibility timeout ends, in the milliseconds of `performance.now()`
   */
  hold(messageId: string, receiptHandle: string, until: number): void {
    this.#held.delete(messageId);
    this.#held.set(messageId, { receiptHandle, until });
  }

  handleOf(messageId: string): string {
    return this.#held.get(messageId)?.receiptHandle ?? '';
  }

  /** Forgets a message that is deleted. */
  drop(messageId: string): void {
    this.#held.delete(messageId);
  }

  /**
   * Keeps messages invisible that would soon be visible.
   *
   * @throws what the SDK throws
   */
  async renew(): Promise<void> {
    const soon = performance.now() + RENEWED_WHEN_LEFT * 1000;
    const due: string[] = [];
    for (const [messageId, { until }] of this.#held) {
      if (until > soon) break;
      due.push(messageId);
    }
    await this.#forEachChunk(due, async (chunk) => {
      const until = performance.now() + NEXT_TIMEOUT * 1000;
      await this.#changeVisibility(chunk, NEXT_TIMEOUT);
      // One that SQS refused is visible already. If it comes again it is not handed out again.
      for (const messageId of chunk) this.hold(messageId, this.handleOf(messageId), until);
    });
  }

  /**
   * Makes all messages visible.
   *
   * @returns how many could not be, and become visible when their timeouts end; never throws
   */
  async release(): Promise<number> {
    try {
      await this.#forEachChunk([...this.#held.keys()], async (chunk) => {
        for (const messageId of await this.#changeVisibility(chunk, 0)) this.#held.delete(messageId);
      });
    } catch {
      // What is left waits for its timeout.
    }
    return this.#held.size;
  }

  async #forEachChunk(messageIds: readonly string[], act: (chunk: string[]) => Promise<void>): Promise<void> {
    await pMap(chunksOf(messageIds), act, { concurrency: CONCURRENCY });
  }

  /** @returns those that SQS has confirmed */
  async #changeVisibility(messageIds: readonly string[], seconds: number): Promise<string[]> {
    const Entries = messageIds.map((messageId, index) => ({
      Id: `${index}`,
      ReceiptHandle: this.handleOf(messageId),
      VisibilityTimeout: seconds,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries });
    const answer = await this.#client.send(command);
    return messageIds.filter((_, index) => isConfirmed(answer, index));
  }
}

/** Calls in flight. */
export const CONCURRENCY = 8;
