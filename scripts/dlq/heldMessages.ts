import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { isConfirmed, refusalOf } from '../shared/sqs.ts';

/** Longest visibility timeout, in seconds. */
const LONGEST_HOLD = 3600;

type Held = { readonly receiptHandle: string; readonly until: number };

/** Messages that could not be made visible, and for how many seconds at most they stay invisible. */
export type Stuck = { readonly messages: number; readonly seconds: number };

/** Received messages, which are kept invisible to others. */
export class HeldMessages {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #shortestHold: number;
  readonly #start = performance.now();
  readonly #held = new Map<string, Held>();

  /** @param shortestHold - shortest visibility timeout, in seconds */
  constructor(client: SQSClient, url: string, shortestHold: number) {
    this.#client = client;
    this.#url = url;
    this.#shortestHold = shortestHold;
  }

  get size(): number {
    return this.#held.size;
  }

  /**
   * A visibility timeout that begins now, as long as the command has run so far. Each message is then renewed only a few
   * times, however many there are. And a command that is killed hides no message for longer than it has run.
   *
   * @returns its length in seconds, and its end as of `performance.now()`
   */
  nextHold(): { readonly seconds: number; readonly until: number } {
    const now = performance.now();
    const elapsed = Math.ceil((now - this.#start) / 1000);
    const seconds = Math.min(Math.max(this.#shortestHold, elapsed), LONGEST_HOLD);
    return { seconds, until: now + seconds * 1000 };
  }

  /** A message that is received again has a new receipt handle; the old one is no longer valid. */
  hold(messageId: string, receiptHandle: string, until: number): void {
    this.#held.set(messageId, { receiptHandle, until });
  }

  handleOf(messageId: string): string {
    return this.#held.get(messageId)?.receiptHandle ?? '';
  }

  drop(messageId: string): void {
    this.#held.delete(messageId);
  }

  /**
   * Keeps messages invisible that would soon be visible. One that is already visible is dropped: it comes again.
   *
   * @throws what the SDK throws
   */
  async renew(): Promise<void> {
    const soon = performance.now() + (this.#shortestHold * 1000) / 2;
    const due = [...this.#held].filter(([, { until }]) => until <= soon).map(([messageId]) => messageId);
    await this.#forEachChunk(due, async (chunk) => {
      const { seconds, until } = this.nextHold();
      const renewed = await this.#changeVisibility(chunk, seconds);
      for (const messageId of renewed) this.hold(messageId, this.handleOf(messageId), until);
    });
  }

  /**
   * Makes all messages visible. Those that SQS refuses are tried again as long as an attempt succeeds with some. Never
   * throws.
   */
  async release(): Promise<Stuck> {
    for (let before = Number.POSITIVE_INFINITY; this.size > 0 && this.size < before; ) {
      before = this.size;
      await this.#releaseOnce();
    }
    let seconds = 0;
    for (const { until } of this.#held.values()) {
      seconds = Math.max(seconds, Math.ceil((until - performance.now()) / 1000));
    }
    return { messages: this.size, seconds };
  }

  async #releaseOnce(): Promise<void> {
    let failuresInARow = 0;
    await this.#forEachChunk([...this.#held.keys()], async (chunk) => {
      // SQS is gone: thousands of further calls would not help.
      if (failuresInARow >= CONCURRENCY) return;
      try {
        for (const messageId of await this.#changeVisibility(chunk, 0)) this.drop(messageId);
        failuresInARow = 0;
      } catch {
        failuresInARow++;
      }
    });
  }

  async #forEachChunk(messageIds: readonly string[], act: (chunk: string[]) => Promise<void>): Promise<void> {
    await pMap(chunksOf(messageIds), act, { concurrency: CONCURRENCY });
  }

  /** @returns the messages that SQS has confirmed */
  async #changeVisibility(messageIds: readonly string[], seconds: number): Promise<string[]> {
    const Entries = messageIds.map((messageId, index) => ({
      Id: `${index}`,
      ReceiptHandle: this.handleOf(messageId),
      VisibilityTimeout: seconds,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries });
    const answer = await this.#client.send(command);
    const now = performance.now();
    for (const [index, messageId] of messageIds.entries()) {
      const refusal = refusalOf(answer, index);
      // Its visibility timeout has ended, or somebody has deleted it.
      if (refusal?.SenderFault || (refusal && (this.#held.get(messageId)?.until ?? 0) <= now)) this.drop(messageId);
    }
    return messageIds.filter((_, index) => isConfirmed(answer, index));
  }
}

/** Calls in flight; the SDK opens at most 50 connections. */
export const CONCURRENCY = 32;
