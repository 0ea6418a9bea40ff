import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logger } from '../observability.ts';
import type { QueueMessage } from './event.ts';
import { MessageFailure } from './failure.ts';
import type { Outcome } from './process.ts';

/** CloudWatch metrics, written as log lines in the embedded metric format; none where POWERTOOLS_METRICS_DISABLED=true. */
const metrics = new Metrics({ namespace: 'Orders' });

/**
 * One line for a batch: how many messages it had and what became of them. When some were held up it is an error, and
 * metrics tell how many: TransientFailures heal by themselves, DamagedKeys wait for a person.
 */
export function logBatch(outcomes: readonly Outcome[]): void {
  const tally = { messages: outcomes.length, counted: 0, duplicate: 0, permanent: 0, transient: 0, damaged: 0 };
  let cause: string | undefined;
  for (const outcome of outcomes) {
    const kind = outcome.status === 'fulfilled' ? outcome.value : kindOf(outcome.reason);
    tally[kind]++;
    if ((kind === 'transient' || kind === 'damaged') && outcome.status === 'rejected')
      cause ??= messageOf(innermost(outcome.reason));
  }
  if (tally.transient + tally.damaged === 0) {
    logger.info('batch', tally);
    return;
  }
  logger.error('batch', { ...tally, cause });
  metrics.addMetric('TransientFailures', MetricUnit.Count, tally.transient);
  metrics.addMetric('DamagedKeys', MetricUnit.Count, tally.damaged);
  metrics.publishStoredMetrics();
}

/** One line for a message that stays in the queue: why, never what it says. */
export function logFailure(reason: unknown, { messageId }: QueueMessage): void {
  logger.warn('message not counted', {
    messageId,
    failure: kindOf(reason),
    reason: messageOf(reason),
    ...(reason instanceof Error && reason.cause !== undefined && { cause: messageOf(innermost(reason)) }),
  });
}

/** What is not known to be hopeless may succeed later. */
const kindOf = (reason: unknown): MessageFailure['kind'] =>
  reason instanceof MessageFailure ? reason.kind : 'transient';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Follows the causes of an error to what Redis or the connection said. */
function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}
