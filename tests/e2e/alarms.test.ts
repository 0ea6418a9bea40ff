import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { userTotals } from './support/api.ts';
import { dlq, succeeds } from './support/commands.ts';
import { localStack } from './support/endpoint.ts';
import { newId, orderOf } from './support/orders.ts';
import { bury, deadLetters, send, settled } from './support/queues.ts';

/*
 * The alarm of the dead-letter queue, from a message that can never be counted until the queue is empty again. LocalStack
 * calculates no alarm of several metrics, and has no metrics of what functions log: the other alarm is only looked at.
 */

const ALARM = 'orders-dead-letters';

/**
 * Seconds between two reports of the sizes of queues, as LocalStack reads it from its environment. It looks at 3 periods
 * of an alarm, so that half of it suffices: as deployed, the alarm would take 5 minutes.
 */
const REPORT_INTERVAL = Number(process.env.SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL || 60);
const WAIT = { timeout: 200_000, interval: 1000 };

const cloudWatch = new CloudWatchClient(localStack);

async function alarm(name: string): Promise<MetricAlarm> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  if (!MetricAlarms[0]) throw new Error(`There is no alarm ${name}`);
  return MetricAlarms[0];
}

const state = async () => (await alarm(ALARM)).StateValue;

it('a poison message sets off the alarm of the dead-letter queue, until the queue is purged and redriven', async () => {
  const deployed = await alarm(ALARM);
  const { ComparisonOperator, EvaluationPeriods } = deployed;
  const faster = { ...deployed, AlarmName: ALARM, ComparisonOperator, EvaluationPeriods, Period: REPORT_INTERVAL / 2 };
  await cloudWatch.send(new PutMetricAlarmCommand(faster));
  expect(await state()).not.toBe('ALARM');

  const user = newId('user');
  await bury(orderOf(user, 3));
  await send('not an order');
  await deadLetters(2);
  await expect.poll(state, WAIT).toBe('ALARM');

  const archive = join(mkdtempSync(join(tmpdir(), 'orders-alarm-')), 'archive.jsonl');
  await succeeds(dlq('purge', '--only', 'invalid', '--to', archive));
  await succeeds(dlq('redrive', '--all'));
  await settled();
  await expect.poll(state, WAIT).toBe('OK');
  expect(await userTotals(user)).toEqual({ orders: 1, cents: 300 });
});

it('an alarm of the share of messages that fail because of Redis is deployed', async () => {
  const { Metrics = [], EvaluationPeriods, DatapointsToAlarm } = await alarm('orders-transient-failures');
  expect({ EvaluationPeriods, DatapointsToAlarm }).toEqual({ EvaluationPeriods: 5, DatapointsToAlarm: 3 });
  expect(Metrics.map(({ Expression, MetricStat }) => Expression ?? MetricStat?.Metric?.MetricName)).toEqual([
    '100 * failures / received',
    'TransientFailures',
    'MessagesReceived',
  ]);
});
