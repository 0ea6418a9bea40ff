import { errorText, innermost } from '../errorText.ts';
import { logger } from '../observability.ts';
import { perName, RESULT_NAMES, type Result } from '../results.ts';
import { type QueueMessage, sentMsOf } from './event.ts';
import { publishMetrics } from './metrics.ts';
import { type BatchResults, InvalidMessageError, MessageFailure, type ProcessedMessage, resultOf } from './outcome.ts';

/** Reports the results of a batch, and how long it took in milliseconds: one line in the log, and metrics. */
export function reportBatch(
  processed: readonly ProcessedMessage[],
  { durationMs, redisMs, archiveMs }: Readonly<Record<'durationMs' | 'redisMs' | 'archiveMs', number>>,
): void {
  const results = countResults(processed);
  logBatch(results, processed, durationMs);
  const delayMs = longestDelay(processed, Date.now());
  publishMetrics(results, { durationMs, redisMs, archiveMs, delayMs }, invalidFields(processed));
}

/** Logs why a message stays in the queue, never its content. */
export function logFailure(failure: MessageFailure, { messageId }: QueueMessage): void {
  logger.warn('message not counted', {
    messageId,
    failure: failure.kind,
    reason: errorText(failure),
    ...(failure.cause !== undefined && { cause: errorText(innermost(failure)) }),
  });
}

/** Logs an error with its cause if some messages are retried. */
function logBatch(results: BatchResults, processed: readonly ProcessedMessage[], durationMs: number): void {
  const line = { ...results, durationMs: Math.round(durationMs) };
  const retried = processed.find(({ outcome }) => outcome instanceof MessageFailure && !outcome.isPermanent);
  if (retried) logger.error('batch', { ...line, cause: errorText(innermost(retried.outcome)) });
  else logger.info('batch', line);
}

function countResults(processed: readonly ProcessedMessage[]): BatchResults {
  const results = { messages: processed.length, ...perName(RESULT_NAMES, () => 0) };
  for (const { outcome } of processed) results[resultOf(outcome)]++;
  return results;
}

/** Number of invalid messages per field. */
function invalidFields(processed: readonly ProcessedMessage[]): Map<string, number> {
  const fields = new Map<string, number>();
  for (const { outcome } of processed) {
    if (!(outcome instanceof InvalidMessageError)) continue;
    fields.set(outcome.field, (fields.get(outcome.field) ?? 0) + 1);
  }
  return fields;
}

const CHANGES: ReadonlySet<Result> = new Set(['counted', 'revised', 'cancelled']);

/** The longest time in the queue of the orders that changed the totals, in milliseconds. */
function longestDelay(processed: readonly ProcessedMessage[], nowMs: number): number | undefined {
  let longest: number | undefined;
  for (const { message, outcome } of processed) {
    const sentMs = CHANGES.has(resultOf(outcome)) ? sentMsOf(message) : undefined;
    if (sentMs === undefined) continue;
    // Not negative, even if the clock of SQS is ahead.
    longest = Math.max(longest ?? 0, nowMs - sentMs);
  }
  return longest;
}
