import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import { chunksOf } from '../sqs/chunks.ts';
import { type QueueMessage, receiveCountOf } from './event.ts';
import { MessageFailure, type ProcessedMessage } from './outcome.ts';

/** How often the queue delivers a message before it moves it to the dead-letter queue. */
const MAX_RECEIVES = 8;

const BASE_SECONDS = 15;
const CAP_SECONDS = 15 * 60;
/** Largest random addition to a pause, as a share of it: messages that failed together do not return together. */
const JITTER = 0.2;

/**
 * Pause before the next receive of a message whose failure may pass: 15 s, doubling with each receive up to 15 minutes,
 * and up to a fifth more.
 *
 * @param receiveCount how often the message was received, from 1
 * @param random from 0 to below 1
 * @returns whole seconds
 */
export function backoffSeconds(receiveCount: number, random: number): number {
  const pause = Math.min(BASE_SECONDS * 2 ** (receiveCount - 1), CAP_SECONDS);
  return Math.floor(pause * (1 + JITTER * random));
}

/** Whether a message that fails now goes to the dead-letter queue. */
export const isLastReceive = (message: QueueMessage): boolean => receiveCountOf(message) === MAX_RECEIVES;

/**
 * Decides when the messages that failed are received again. A permanent failure: at once, so that it uses up its receives
 * within seconds and moves to the dead-letter queue. Any other: after a pause that grows with each receive, and after the last
 * one at once, because the queue only moves it now. Where the call to SQS fails, the messages come back after the visibility
 * timeout of the queue.
 *
 * @returns when all calls are through; never throws
 */
export async function scheduleFailures(queueUrl: string, processed: readonly ProcessedMessage[]): Promise<void> {
  const failures = processed.flatMap(({ message, outcome }) =>
    outcome instanceof MessageFailure ? [{ message, seconds: pauseAfter(outcome, message) }] : [],
  );
  await Promise.all(chunksOf(failures).map((chunk) => pause(queueUrl, chunk)));
}

const pauseAfter = (failure: MessageFailure, message: QueueMessage): number =>
  failure.isPermanent || isLastReceive(message) ? 0 : backoffSeconds(receiveCountOf(message), Math.random());

type Pause = { readonly message: QueueMessage; readonly seconds: number };

async function pause(queueUrl: string, pauses: readonly Pause[]): Promise<void> {
  const entries = pauses.map(({ message, seconds }, index) => ({
    Id: String(index),
    ReceiptHandle: message.receiptHandle,
    VisibilityTimeout: seconds,
  }));
  try {
    // Loaded on demand, so a batch without failures, and with it a cold start, does not pay for the SDK.
    const { changeVisibility } = await import('../sqs/changeVisibility.ts');
    for (const { Id, Message } of await changeVisibility(queueUrl, entries)) {
      logger.warn('visibility not changed', { messageId: pauses[Number(Id)]?.message.messageId, reason: Message });
    }
  } catch (error) {
    const messageIds = pauses.map(({ message }) => message.messageId);
    logger.warn('visibility not changed', { messageIds, reason: errorText(error) });
  }
}
