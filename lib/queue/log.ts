import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { Outcome } from './process.ts';

/** One line for a batch: how many messages it had and what became of them. */
export function logBatch(outcomes: readonly Outcome[]): void {
  const done = outcomes.filter((outcome) => outcome.status === 'fulfilled').map((outcome) => outcome.value);
  const counted = done.filter((value) => value === 'counted').length;
  logger.info('batch', {
    messages: outcomes.length,
    counted,
    duplicates: done.length - counted,
    failed: outcomes.length - done.length,
  });
}

/** One line for a message that stays in the queue: why, never what it says. */
export function logFailure(reason: unknown, message: QueueMessage): void {
  const failure = reason instanceof MessageFailure ? reason : undefined;
  logger.warn('message not counted', {
    messageId: message.messageId,
    failure: failure?.kind ?? 'transient',
    reason: reason instanceof Error ? reason.message : String(reason),
    cause: causeOf(reason),
  });
}

function causeOf(error: unknown): string | undefined {
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error ? cause.message : undefined;
}
