import type { SQSClient } from '@aws-sdk/client-sqs';
import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import { backoffSeconds } from './backoff.ts';
import { type QueueMessage, receiveCountOf } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { ProcessedMessage } from './outcome.ts';
import { chunksOf } from './sqsCall.ts';

/**
 * Two attempts, and what Redis may take before them, fit into the timeout of the function: an SQS that never answers,
 * as from a VPC without an endpoint for it, must not fail the orders of the batch that are counted already.
 */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true };

let client: SQSClient | undefined;

/**
 * Decides when the messages that failed are received again. One that can never be counted: at once, so that it uses up
 * its receives within seconds and moves to the dead-letter queue. Any other: after a pause that grows with each receive.
 * A call that fails changes nothing else: the messages then come back after the queue's own visibility timeout.
 *
 * @returns when all calls are through; never throws
 */
export async function scheduleFailures(queueUrl: string, processed: readonly ProcessedMessage[]): Promise<void> {
  const failures = processed.flatMap(({ message, outcome }) =>
    outcome instanceof MessageFailure ? [{ message, seconds: pauseAfter(outcome, message) }] : [],
  );
  await Promise.all(chunksOf(failures).map((chunk) => changeVisibility(queueUrl, chunk)));
}

const pauseAfter = (failure: MessageFailure, message: QueueMessage): number =>
  failure.isPermanent ? 0 : backoffSeconds(receiveCountOf(message), Math.random());

type Pause = { readonly message: QueueMessage; readonly seconds: number };

async function changeVisibility(queueUrl: string, pauses: readonly Pause[]): Promise<void> {
  const entries = pauses.map(({ message, seconds }, index) => ({
    Id: String(index),
    ReceiptHandle: message.receiptHandle,
    VisibilityTimeout: seconds,
  }));
  try {
    // Loaded only here: a batch without failures, and so a cold start, never pays for the SDK.
    const { ChangeMessageVisibilityBatchCommand, SQSClient } = await import('@aws-sdk/client-sqs');
    // The host in a queue URL does not always resolve from where the function runs; the SDK's own endpoint does.
    client ??= new SQSClient({ useQueueUrlAsEndpoint: false, maxAttempts: 2, requestHandler: LIMITS });
    const { Failed = [] } = await client.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    for (const { Id, Message } of Failed) {
      logger.warn('visibility not changed', {
        messageId: pauses[Number(Id)]?.message.messageId,
        reason: Message,
      });
    }
  } catch (error) {
    logger.warn('visibility not changed', {
      messageIds: pauses.map(({ message }) => message.messageId),
      reason: errorText(error),
    });
  }
}
