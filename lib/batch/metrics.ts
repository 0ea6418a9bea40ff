import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { RESULT_NAMES, RESULTS } from '../results.ts';
import type { BatchResults } from './outcome.ts';

/**
 * CloudWatch metrics, written as log lines in the embedded metric format. The dimension `service` is
 * POWERTOOLS_SERVICE_NAME; none are written where POWERTOOLS_METRICS_DISABLED=true.
 */
const metrics = new Metrics({ namespace: 'Orders' });

/** Durations of a batch, in milliseconds. */
export type Timing = {
  /** From the event to the response. */
  readonly durationMs: number;
  /** Waiting for Redis. */
  readonly redisMs: number;
  /** Waiting for the archive. */
  readonly archiveMs: number;
  /** The longest time that an order which changed the totals had been in the queue. */
  readonly delayMs: number | undefined;
};

/**
 * Publishes the results of a batch, including zeros, so that an alarm can tell "none" from "not known".
 *
 * @param invalidFields number of invalid messages per field, published as OrdersRejected with the dimension `reason`
 */
export function publishMetrics(
  results: BatchResults,
  timing: Timing,
  invalidFields: ReadonlyMap<string, number>,
): void {
  metrics.addMetric('MessagesReceived', MetricUnit.Count, results.messages);
  for (const name of RESULT_NAMES) metrics.addMetric(RESULTS[name].metric, MetricUnit.Count, results[name]);
  metrics.addMetric('BatchDuration', MetricUnit.Milliseconds, round(timing.durationMs));
  metrics.addMetric('RedisLatency', MetricUnit.Milliseconds, round(timing.redisMs));
  metrics.addMetric('ArchiveLatency', MetricUnit.Milliseconds, round(timing.archiveMs));
  if (timing.delayMs !== undefined) metrics.addMetric('QueueDelay', MetricUnit.Milliseconds, timing.delayMs);
  metrics.publishStoredMetrics();
  for (const [field, count] of invalidFields) {
    metrics.singleMetric().addDimension('reason', field).addMetric('OrdersRejected', MetricUnit.Count, count);
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
