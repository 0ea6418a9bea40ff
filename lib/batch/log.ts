import { errorText, innermost } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { ProcessedMessage } from './outcome.ts';
import type { BatchResults } from './results.ts';

/**
 * One line for a batch: how many messages it had, and their results. An error, with its cause, where some messages are
 * retried.
 */
export function logBatch(results: BatchResults, processed: readonly ProcessedMessage[], durationMs: number): void {
  const line = { ...results, durationMs: Math.round(durationMs) };
  const retried = processed.find(({ outcome }) => outcome instanceof MessageFailure && !outcome.isPermanent);
  if (retried) logger.error('batch', { ...line, cause: errorText(innermost(retried.outcome)) });
  else logger.info('batch', line);
}

/** One line for a message that stays in the queue: why, never what it says. */
export function logFailure(failure: MessageFailure, { messageId }: QueueMessage): void {
  logger.warn('message not counted', {
    messageId,
    failure: failure.kind,
    reason: errorText(failure),
    ...(failure.cause !== undefined && { cause: errorText(innermost(failure)) }),
  });
}
