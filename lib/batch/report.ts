import { logBatch } from './log.ts';
import { publishMetrics } from './metrics.ts';
import type { ProcessedMessage } from './outcome.ts';
import { countResults, invalidFields, longestDelay } from './results.ts';

/** Reports the results of a batch, and how long it took in milliseconds: one line in the log, and metrics. */
export function reportBatch(
  processed: readonly ProcessedMessage[],
  { durationMs, redisMs }: { readonly durationMs: number; readonly redisMs: number },
): void {
  const results = countResults(processed);
  logBatch(results, processed, durationMs);
  const delayMs = longestDelay(processed, Date.now());
  publishMetrics(results, { durationMs, redisMs, delayMs }, invalidFields(processed));
}
