import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { lambdaContext } from '../support/lambdaContext.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { sampleEvent } from '../support/sampleEvent.ts';
import { startQueue, type TestQueue } from '../support/sqsEvent.ts';

let server: RedisServer;
let queue: TestQueue;

beforeAll(async () => {
  [server, queue] = await Promise.all([startRedisServer(), startQueue()]);
});
afterAll(async () => {
  await Promise.all([server.stop(), queue.stop()]);
  vi.unstubAllEnvs();
});
beforeEach(() => queue.clear());

const load = (environment: Record<string, string> = {}) =>
  loadWorker({
    ...queue.environment,
    REDIS_URL: server.url,
    POWERTOOLS_METRICS_DISABLED: 'false',
    ...environment,
  });

/** Counts what is in the queue; resolves to the lines that the worker writes, logs and metrics. */
async function linesOf(environment: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
  const deliver = await load({ POWERTOOLS_SERVICE_NAME: 'orders-test', POWERTOOLS_LOG_LEVEL: 'INFO', ...environment });
  const event = await queue.receive();
  const output = captureOutput();
  await deliver(event).finally(output.restore);
  return output
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const metricsOf = (lines: Record<string, unknown>[]) => lines.filter((line) => '_aws' in line);

it('results are in the embedded metric format with the service as dimension', async () => {
  await queue.send([
    orderBody(),
    orderBody(),
    orderBody({ user_id: 'other' }),
    orderBody({ order_id: 'ORD2' }),
    orderBody({ order_id: '' }),
  ]);
  const started = performance.now();
  const [metrics] = metricsOf(await linesOf());
  const elapsed = performance.now() - started;
  expect(metrics).toMatchObject({
    service: 'orders-test',
    MessagesReceived: 5,
    OrdersCounted: 2,
    DuplicatesIgnored: 1,
    Conflicts: 1,
    OrdersRejected: 1,
    TransientFailures: 0,
    CorruptKeys: 0,
    _aws: { CloudWatchMetrics: [{ Namespace: 'Orders', Dimensions: [['service']] }] },
  });
  for (const name of ['BatchDuration', 'RedisLatency']) {
    expect(metrics?.[name]).toBeGreaterThan(0);
    expect(metrics?.[name]).toBeLessThan(elapsed);
    // Milliseconds with two decimals.
    expect(`${metrics?.[name]}`).toMatch(/^\d+(\.\d{1,2})?$/);
  }
  // Without an archive it takes no time.
  expect(metrics?.ArchiveLatency).toBeGreaterThanOrEqual(0);
  expect(metrics?.ArchiveLatency).toBeLessThan(elapsed);
  expect(metrics?.QueueDelay).toBeTypeOf('number');
});

it('amended, cancelled and superseded orders are counted separately', async () => {
  const amended = (changes: object) => orderBody({ order_id: 'AMENDED', ...changes });
  const old = { order_timestamp: '2020-01-01T00:00:00Z' };
  await queue.send([
    amended({}),
    amended({ order_version: 3 }),
    amended({ order_version: 2 }),
    amended({ order_version: 4, order_status: 'cancelled' }),
    amended({ order_version: 3 }),
    orderBody({ order_id: 'NEVER-PLACED', order_status: 'cancelled' }),
    orderBody({ order_id: 'FORGOTTEN', order_version: 2, ...old }),
  ]);
  const [metrics] = metricsOf(await linesOf());
  expect(metrics).toMatchObject({
    MessagesReceived: 7,
    OrdersCounted: 1,
    OrdersRevised: 1,
    OrdersCancelled: 2,
    RevisionsSuperseded: 2,
    UnknownVersions: 1,
    Conflicts: 0,
    DuplicatesIgnored: 0,
  });
});

it('the sample event has metrics for an amended and a cancelled order', async () => {
  const deliver = await load();
  const output = captureOutput();
  const response = await deliver(sampleEvent('processOrders-revisions')).finally(output.restore);
  expect(response).toEqual({ batchItemFailures: [] });
  expect(JSON.parse(output.text())).toMatchObject({
    MessagesReceived: 4,
    OrdersCounted: 2,
    OrdersRevised: 1,
    OrdersCancelled: 1,
  });
});

it('invalid messages are counted by field, without the index of an item', async () => {
  const item = { product_id: 'P1', quantity: 1, price_per_unit: 1 };
  await queue.send([
    orderBody({ items: [{ ...item, quantity: 0 }] }),
    orderBody({ items: [item, { ...item, quantity: 1.5 }] }),
    orderBody({ order_value: 1 }),
    'no JSON',
  ]);
  const [all, ...reasons] = metricsOf(await linesOf());
  expect(all).toMatchObject({ OrdersRejected: 4, OrdersCounted: 0 });
  // Nothing was counted, so nothing had a delay.
  expect(all).not.toHaveProperty('QueueDelay');
  expect(reasons.map(({ reason, OrdersRejected }) => [reason, OrdersRejected])).toEqual([
    ['items[].quantity', 2],
    ['order_value', 1],
    ['body', 1],
  ]);
  expect(reasons[0]).toMatchObject({
    service: 'orders-test',
    _aws: { CloudWatchMetrics: [{ Namespace: 'Orders', Dimensions: [['service', 'reason']] }] },
  });
});

const TODAY = new Date().toISOString();

it.each([
  ['counted', {}],
  ['revised', { order_version: 2 }],
  ['cancelled', { order_version: 3, order_status: 'cancelled' }],
])('the longest time in the queue of an order that is %s', async (_, changes) => {
  await queue.send([orderBody({ order_id: 'DELAYED', order_timestamp: TODAY, ...changes })]);
  const event = await queue.receive();
  const deliver = await load();
  const [record] = event.Records;
  const sent = Date.now() - 60_000;
  const output = captureOutput();
  const attributes = { ...record?.attributes, SentTimestamp: `${sent}` };
  await deliver({ Records: [{ ...record, attributes }] }).finally(output.restore);
  const metrics = JSON.parse(output.text());
  expect(metrics.QueueDelay).toBeGreaterThanOrEqual(60_000);
  expect(metrics.QueueDelay).toBeLessThanOrEqual(Date.now() - sent);
});

it('retried orders are counted', async () => {
  await queue.send([orderBody({ order_id: 'LATER1' }), orderBody({ order_id: 'LATER2' })]);
  const [metrics] = metricsOf(await linesOf({ REDIS_URL: 'redis://127.0.0.1:1', POWERTOOLS_LOG_LEVEL: 'SILENT' }));
  expect(metrics).toMatchObject({ MessagesReceived: 2, TransientFailures: 2, OrdersCounted: 0, CorruptKeys: 0 });
});

it('no metrics when they are switched off', async () => {
  await queue.send([orderBody()]);
  expect(metricsOf(await linesOf({ POWERTOOLS_METRICS_DISABLED: 'true' }))).toEqual([]);
});

it('every line of the log has the request id; one has the size and the results of the batch', async () => {
  await queue.send([orderBody({ order_id: 'LOGGED' }), 'no JSON']);
  const lines = (await linesOf()).filter((line) => 'level' in line);
  expect(lines).toHaveLength(2);
  expect(lines.map(({ function_request_id }) => function_request_id)).toEqual(
    Array(2).fill(lambdaContext.awsRequestId),
  );
  expect(lines[0]).toMatchObject({
    message: 'batch',
    messages: 2,
    counted: 1,
    invalid: 1,
    durationMs: expect.any(Number),
  });
});
