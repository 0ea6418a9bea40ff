import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { addLetters, type LetterReason, spanOf } from '../stats/deadLetters.ts';
import { type FailureKind, MessageFailure, type ProcessedMessage } from './outcome.ts';
import { isLastReceive } from './retry.ts';

/**
 * Counts the messages that go to the dead-letter queue, by time and reason. What Redis does not take waits for a later batch:
 * in an outage, most of them come. If the container ends before, their reason stays unknown.
 */
export class DeadLetterRecorder {
  /** By the names of their fields in Redis. */
  readonly #waiting = new Map<string, number>();

  constructor(private readonly connection: RedisConnection) {}

  /** Never throws, because messages must not fail for a counter. */
  async record(processed: readonly ProcessedMessage[]): Promise<void> {
    let isRedisAway = false;
    for (const { message, outcome } of processed) {
      if (!(outcome instanceof MessageFailure)) continue;
      isRedisAway ||= outcome.kind === 'transient';
      if (!isLastReceive(message)) continue;
      const field = `${spanOf(Date.now())} ${reasonOf(outcome.kind)}`;
      this.#waiting.set(field, (this.#waiting.get(field) ?? 0) + 1);
    }
    if (this.#waiting.size === 0 || isRedisAway) return;
    const letters = new Map(this.#waiting);
    this.#waiting.clear();
    try {
      await addLetters(await this.connection.open(), letters);
    } catch (error) {
      for (const [field, count] of letters) this.#waiting.set(field, (this.#waiting.get(field) ?? 0) + count);
      logger.warn('dead letters not recorded yet', { reason: errorText(error) });
    }
  }
}

const reasonOf = (kind: FailureKind): LetterReason =>
  kind === 'invalid' || kind === 'conflict' || kind === 'unknown' ? kind : 'late';
