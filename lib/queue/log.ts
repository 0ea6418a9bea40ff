import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { failureKindOf } from './failure.ts';
import type { Outcome } from './process.ts';
import { kindOf, type Tally } from './tally.ts';

/** One line for a batch: how many messages it had, and their results; an error, with its cause, where some are retried. */
export function logBatch(tally: Tally, outcomes: readonly Outcome[], durationMs: number): void {
  const line = { ...tally, durationMs: Math.round(durationMs) };
  const retried = outcomes.find((outcome) => kindOf(outcome) === 'damaged' || kindOf(outcome) === 'transient');
  if (retried?.status === 'rejected') logger.error('batch', { ...line, cause: errorText(innermost(retried.reason)) });
  else logger.info('batch', line);
}

/** One line for a message that stays in the queue: why, never what it says. */
export function logFailure(reason: unknown, { messageId }: QueueMessage): void {
  logger.warn('message not counted', {
    messageId,
    failure: failureKindOf(reason),
    reason: errorText(reason),
    ...(reason instanceof Error && reason.cause !== undefined && { cause: errorText(innermost(reason)) }),
  });
}

/** Follows the causes of an error to what Redis or the connection said. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}
