import type { SQSClient } from '@aws-sdk/client-sqs';
import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { Outcome } from './process.ts';

/** Most entries that SQS takes in one ChangeMessageVisibilityBatch. */
const ENTRIES_A_CALL = 10;

/**
 * Two attempts, and what Redis may take before them, fit into the timeout of the function: an SQS that never answers,
 * as from a VPC without an endpoint for it, must not fail the orders of the batch that are counted already.
 */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true };

let client: SQSClient | undefined;

/**
 * Makes the messages that can never be counted visible again at once. Received again within seconds, they use up their
 * receives and move to the dead-letter queue. A call that fails changes nothing else: the messages then come back after
 * the queue's own visibility timeout.
 *
 * @returns when all calls are through; never throws
 */
export async function releasePermanentFailures(
  queueUrl: string,
  messages: readonly QueueMessage[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const hopeless = messages.filter((_, index) => isPermanent(outcomes[index]));
  const calls: Promise<void>[] = [];
  for (let start = 0; start < hopeless.length; start += ENTRIES_A_CALL) {
    calls.push(makeVisible(queueUrl, hopeless.slice(start, start + ENTRIES_A_CALL)));
  }
  await Promise.all(calls);
}

const isPermanent = (outcome: Outcome | undefined): boolean =>
  outcome?.status === 'rejected' && outcome.reason instanceof MessageFailure && outcome.reason.kind === 'permanent';

async function makeVisible(queueUrl: string, messages: readonly QueueMessage[]): Promise<void> {
  const entries = messages.map(({ receiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: 0,
  }));
  try {
    // Loaded here alone: a batch without failures, and so a cold start, never pays for the SDK.
    const { ChangeMessageVisibilityBatchCommand, SQSClient } = await import('@aws-sdk/client-sqs');
    // The host in a queue URL does not always resolve from where the function runs; the SDK's own endpoint does.
    client ??= new SQSClient({ useQueueUrlAsEndpoint: false, maxAttempts: 2, requestHandler: LIMITS });
    const { Failed = [] } = await client.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    for (const { Id, Message } of Failed) {
      logger.warn('A message could not be made visible', {
        messageId: messages[Number(Id)]?.messageId,
        reason: Message,
      });
    }
  } catch (error) {
    logger.warn('Messages could not be made visible', {
      messageIds: messages.map(({ messageId }) => messageId),
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
