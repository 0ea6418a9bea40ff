import type { QueueMessage } from './event.ts';
import { logBatch } from './log.ts';
import { publishMetrics } from './metrics.ts';
import type { Outcome } from './process.ts';
import { invalidFields, longestDelay, tallyOf } from './tally.ts';

/** Reports the results of a batch, and how long it took in milliseconds: one line in the log, and metrics. */
export function reportBatch(
  messages: readonly QueueMessage[],
  outcomes: readonly Outcome[],
  { durationMs, redisMs }: { readonly durationMs: number; readonly redisMs: number },
): void {
  const tally = tallyOf(outcomes);
  logBatch(tally, outcomes, durationMs);
  const delayMs = longestDelay(messages, outcomes, Date.now());
  publishMetrics(tally, { durationMs, redisMs, delayMs }, invalidFields(outcomes));
}
