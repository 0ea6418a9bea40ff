import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { errorText, innermost } from '../errorText.ts';
import { logger } from '../observability.ts';
import { refusalOf } from '../redis/errors.ts';
import type { ReplayProgress } from './replay.ts';

/** Written like the metrics of a batch, see lib/batch/metrics.ts. */
const metrics = new Metrics({ namespace: 'Orders' });

/** Reports what a replay has done: one line in the log, and metrics. */
export function reportReplay({ replayed, restored, conflicts, until, now, forgotten }: ReplayProgress): void {
  const lagSeconds = Math.round((now - until) / 1000);
  const line = { replayed, restored, conflicts, until: new Date(until), lagSeconds };
  if (forgotten.length > 0) {
    logger.error('replay stopped: the ledger may have forgotten orders that would count twice', { ...line, forgotten });
  } else if (restored > 0 || conflicts > 0) logger.warn('replay', line);
  else logger.info('replay', line);
  metrics.addMetric('OrdersReplayed', MetricUnit.Count, replayed);
  metrics.addMetric('OrdersRestored', MetricUnit.Count, restored);
  metrics.addMetric('ReplayLag', MetricUnit.Seconds, lagSeconds);
  metrics.publishStoredMetrics();
}

/**
 * Logs why a replay failed.
 *
 * @returns an error for Lambda, which logs all fields of an error. Errors of ioredis hold the command, with orders or a password
 */
export function failedReplay(error: unknown): Error {
  const texts = new Set([errorText(error), errorText(innermost(error))]);
  const reason = refusalOf(error) ?? [...texts].join(': ');
  logger.error('replay failed', { reason, error });
  return new Error(reason, { cause: error });
}
