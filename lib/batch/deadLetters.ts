import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { addDeadLetters, type LetterReason } from '../stats/deadLetters.ts';
import { type FailureKind, MessageFailure, type ProcessedMessage } from './outcome.ts';
import { isLastReceive } from './retry.ts';

/**
 * Counts the messages that go to the dead-letter queue now, by reason. Never throws, because messages must not fail for a
 * counter: without Redis, their reason stays unknown.
 */
export async function recordDeadLetters(
  connection: RedisConnection,
  processed: readonly ProcessedMessage[],
): Promise<void> {
  const counts: Partial<Record<LetterReason, number>> = {};
  for (const { message, outcome } of processed) {
    if (!(outcome instanceof MessageFailure) || !isLastReceive(message)) continue;
    const reason = reasonOf(outcome.kind);
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  if (Object.keys(counts).length === 0) return;
  try {
    await addDeadLetters(await connection.open(), counts);
  } catch (error) {
    logger.warn('dead letters not recorded', { ...counts, reason: errorText(error) });
  }
}

function reasonOf(kind: FailureKind): LetterReason {
  return kind === 'invalid' || kind === 'conflict' || kind === 'unknown' ? kind : 'late';
}
