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

/* The alarm of the dead-letter queue, from a message that can never be counted until the queue is empty again. */

const ALARM = 'orders-dead-letters';

/**
 * Seconds between two reports of the sizes of queues, as LocalStack reads it from its environment. It looks at 3 periods
 * of an alarm, so that half of it suffices: as deployed, the alarm would take 5 minutes.
 */
const REPORT_INTERVAL = Number(process.env.SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL || 60);
const WAIT = { timeout: 200_000, interval: 1000 };

const cloudWatch = new CloudWatchClient(localStack);

async function alarm(): Promise<MetricAlarm> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [ALARM] }));
  if (!MetricAlarms[0]) throw new Error(`There is no alarm ${ALARM}`);
  return MetricAlarms[0];
}

const state = async () => (await alarm()).StateValue;

it('a poison message sets off the alarm of the dead-letter queue, until the queue is purged and redriven', async () => {
  const deployed = await alarm();
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
  await succeeds(dlq('redrive'));
  await settled();
  await expect.poll(state, WAIT).toBe('OK');
  expect(await userTotals(user)).toEqual({ orders: 1, cents: 300 });
});
