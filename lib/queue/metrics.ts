import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Tally } from './tally.ts';

/**
 * CloudWatch metrics, written as log lines in the embedded metric format. The dimension `service` is
 * POWERTOOLS_SERVICE_NAME; none are written where POWERTOOLS_METRICS_DISABLED=true.
 */
const metrics = new Metrics({ namespace: 'Orders' });

/** What is measured of a batch, in milliseconds. */
export type Timing = {
  /** From the event to the response. */
  readonly durationMs: number;
  /** Waiting for Redis. */
  readonly redisMs: number;
  /** The longest time that an order which changed the totals had been in the queue. */
  readonly delayMs: number | undefined;
};

/**
 * Publishes the results of a batch. Zeros too, so that an alarm can tell "none" from "not known".
 *
 * @param invalidFields how many messages were invalid because of which field: OrdersRejected once more, by `reason`
 */
export function publishMetrics(tally: Tally, timing: Timing, invalidFields: ReadonlyMap<string, number>): void {
  metrics.addMetric('MessagesReceived', MetricUnit.Count, tally.messages);
  metrics.addMetric('OrdersCounted', MetricUnit.Count, tally.counted);
  metrics.addMetric('OrdersRevised', MetricUnit.Count, tally.revised);
  metrics.addMetric('OrdersCancelled', MetricUnit.Count, tally.cancelled);
  metrics.addMetric('RevisionsSuperseded', MetricUnit.Count, tally.superseded);
  metrics.addMetric('DuplicatesIgnored', MetricUnit.Count, tally.duplicate);
  metrics.addMetric('OrdersRejected', MetricUnit.Count, tally.invalid);
  metrics.addMetric('Conflicts', MetricUnit.Count, tally.conflict);
  metrics.addMetric('UnknownVersions', MetricUnit.Count, tally.unknown);
  metrics.addMetric('TransientFailures', MetricUnit.Count, tally.transient);
  metrics.addMetric('DamagedKeys', MetricUnit.Count, tally.damaged);
  metrics.addMetric('BatchDuration', MetricUnit.Milliseconds, round(timing.durationMs));
  metrics.addMetric('RedisLatency', MetricUnit.Milliseconds, round(timing.redisMs));
  if (timing.delayMs !== undefined) metrics.addMetric('QueueDelay', MetricUnit.Milliseconds, timing.delayMs);
  metrics.publishStoredMetrics();
  for (const [field, count] of invalidFields) {
    metrics.singleMetric().addDimension('reason', field).addMetric('OrdersRejected', MetricUnit.Count, count);
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
