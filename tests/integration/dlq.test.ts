import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { dayIn } from '../../lib/orders/calendar.ts';
import { findQueueUrl, sqsClient } from '../../scripts/shared/sqs.ts';
import { eventBridgeEvent, snsNotification } from '../support/envelopes.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';
import { startRefusingSqs } from '../support/refusingSqs.ts';
import { sqsRecord } from '../support/sqsEvent.ts';
import { startScript } from '../support/startScript.ts';

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';

let sqs: FauxqsServer;
let client: SQSClient;
let server: RedisServer;
let redis: Redis;
let directory: string;
let deadLetters: string;
beforeAll(async () => {
  sqs = await startFauxqs({ port: 0, logger: false });
  client = sqsClient({ endpoint: sqs.address });
  server = await startRedisServer();
  redis = new Redis(server.url);
  defineCountingScript(redis);
  directory = await mkdtemp(join(tmpdir(), 'orders-dlq-'));
});
beforeEach(async () => {
  sqs.purgeAll();
  const { queueUrl, queueArn } = sqs.createQueue(DLQ);
  sqs.createQueue(QUEUE, {
    attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount: 8 }) },
  });
  deadLetters = queueUrl;
  await redis.flushall();
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  redis.disconnect();
  client.destroy();
  await Promise.all([sqs.stop(), server.stop(), rm(directory, { recursive: true })]);
});

/** Sends messages to the dead-letter queue. @returns their ids */
async function bury(
  bodies: readonly string[],
  attributes?: SendMessageBatchRequestEntry['MessageAttributes'],
): Promise<string[]> {
  const ids: string[] = [];
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies
      .slice(start, start + 10)
      .map((MessageBody, n) => ({ Id: `${n}`, MessageBody, MessageAttributes: attributes }));
    const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: deadLetters, Entries }));
    ids.push(...Successful.map(({ MessageId = '' }) => MessageId));
  }
  return ids;
}

const visible = (queue = DLQ) => sqs.inspectQueue(queue)?.messages.ready ?? [];
const bodies = (queue = DLQ): string[] => visible(queue).map(({ body }) => body);
const invisible = (queue = DLQ): string[] =>
  (sqs.inspectQueue(queue)?.messages.inflight ?? []).map(({ message }) => message.messageId);

const start = (...args: string[]) => startScript('scripts/dlq.ts', args, { REDIS_URL: server.url });

const places = () => ['--endpoint', sqs.address];
const dlq = (command: string, ...args: string[]) => start(command, ...places(), ...args).result;

const Line = v.object({
  messageId: v.string(),
  orderId: v.nullable(v.string()),
  kind: v.string(),
  reason: v.string(),
  body: v.optional(v.string()),
});
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(Line, JSON.parse(line)));

const counted = orderBody({ order_id: 'COUNTED' });
const otherDay = orderBody({ order_id: 'COUNTED', order_timestamp: '2025-01-01T00:00:00Z' });
const otherUser = orderBody({ order_id: 'COUNTED', user_id: 'U1' });
const fresh = orderBody({ order_id: 'NEW' });
const invalid = orderBody({ order_id: 'BAD', user_id: undefined });
const amended = orderBody({ order_id: 'COUNTED', order_version: 2 });
const old = orderBody({ order_id: 'OLD', order_version: 3 });
const noJson = 'no JSON, 123 Main St';

/** One message of every kind. */
async function buryAll(): Promise<string[]> {
  await countOrders(redis, [orderOf(counted)]);
  return bury([counted, otherDay, otherUser, fresh, amended, old, invalid, noJson]);
}

const many = (count: number) => Array.from({ length: count }, (_, n) => orderBody({ order_id: `ORD${n}` }));

test('dlq list --time-zone compares days with those of the stage', async () => {
  const lateInUtc = { order_timestamp: '2025-01-01T20:00:00Z' };
  await countOrders(redis, [orderOf(orderBody(lateInUtc), { dayOf: dayIn('Asia/Tokyo') })]);
  await bury([
    orderBody({ ...lateInUtc, order_value: 1, items: [{ product_id: 'P', quantity: 1, price_per_unit: 1 }] }),
  ]);
  const reasons = async (...args: string[]) =>
    linesOf((await dlq('list', '--json', ...args)).stdout).map(({ reason }) => reason);
  expect(await reasons('--time-zone', 'Asia/Tokyo')).toEqual([
    'version 1 is counted with another order_value (99.99, here 1.00)',
  ]);
  expect(await reasons('--time-zone', 'UTC')).toEqual([
    'version 1 is counted with another order_value (99.99, here 1.00) and day (2025-01-02, here 2025-01-01)',
  ]);
});

test('dlq list --json shows why each message is there, and nothing of its content', async () => {
  const ids = await buryAll();
  const { code, stdout, stderr } = await dlq('list', '--json');
  const lines = linesOf(stdout).sort((a, b) => ids.indexOf(a.messageId) - ids.indexOf(b.messageId));
  expect(lines.map(({ kind, orderId, reason }) => [kind, orderId, reason])).toEqual([
    ['counted', 'COUNTED', 'counted already'],
    ['conflict', 'COUNTED', 'version 1 is counted with another day (2024-12-13, here 2025-01-01)'],
    ['conflict', 'COUNTED', 'version 1 is counted with another user_id'],
    ['would-count', 'NEW', 'would count now'],
    ['would-replace', 'COUNTED', 'would replace version 1'],
    [
      'unknown',
      'OLD',
      'version 3 of an order that is not remembered and was placed over 30 days ago: ' +
        'if no version of it was counted, redrive --accept-unknown counts it',
    ],
    ['invalid', 'BAD', 'user_id is required'],
    ['invalid', null, 'body must be JSON'],
  ]);
  expect(stdout).not.toMatch(/Main St|CreditCard/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('dlq list says which version is counted, and in what the message differs from it', async () => {
  const item = (quantity: number) => [{ product_id: 'P001', quantity, price_per_unit: 10 }];
  const [recent = '', later, yesterday = ''] = [0, 1, 86_400].map((s) => new Date(Date.now() - s * 1000).toISOString());
  const dayOf = (timestamp: string) => timestamp.slice(0, 10);
  const order = (changes: object) =>
    orderBody({ order_id: 'A', order_timestamp: recent, order_value: 20, items: item(2), ...changes });
  const cancelled = (changes: object) => order({ order_id: 'B', order_status: 'cancelled', ...changes });
  await countOrders(redis, [orderOf(order({ order_version: 7 })), orderOf(cancelled({ order_version: 9 }))]);
  const ids = await bury([
    order({}),
    order({ order_version: 7, order_value: 10, items: item(1), order_timestamp: yesterday }),
    order({ order_version: 7, order_status: 'placed', items: item(1).concat(item(1)) }),
    order({ order_version: 7, order_status: 'cancelled' }),
    order({ order_version: 8, order_value: 10, items: item(1), user_id: 'U1' }),
    cancelled({ order_version: 9, order_timestamp: later }),
    cancelled({ order_version: 8 }),
    cancelled({ order_version: 9 }),
    cancelled({ order_version: 10 }),
  ]);
  const { stdout } = await dlq('list', '--json');
  const lines = linesOf(stdout).sort((a, b) => ids.indexOf(a.messageId) - ids.indexOf(b.messageId));
  expect(lines.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['superseded', 'superseded by version 7'],
    [
      'conflict',
      `version 7 is counted with another order_value (20.00, here 10.00) and day (${dayOf(recent)}, here ${dayOf(yesterday)})`,
    ],
    [
      'conflict',
      'version 7 is counted with the same user, value and day, but another time of the day or other items: ' +
        'lines, their order, or a product_id in another Unicode form',
    ],
    ['conflict', 'version 7 is counted with another order_status (placed, here cancelled)'],
    ['conflict', 'version 7 is counted with another user_id and order_value (20.00, here 10.00)'],
    ['conflict', 'version 9 is counted with another order_timestamp'],
    ['superseded', 'superseded by version 9'],
    ['counted', 'counted already'],
    ['would-replace', 'would replace version 9'],
  ]);
  const table = await dlq('list');
  expect(table.stdout).toMatch(/│ 2 +│ superseded by a higher version +│/);
  expect(table.stdout).toMatch(/│ 1 +│ conflict: counted with another user_id and order_value +│/);
});

test('dlq list explains orders in envelopes, and with --currency those in another one', async () => {
  await countOrders(redis, [orderOf(counted)]);
  const inEuros = { ...exampleOrder, order_id: 'NEW', currency: 'EUR' };
  await bury([
    snsNotification(counted),
    eventBridgeEvent(inEuros),
    snsNotification(orderBody({ order_id: 'BAD', user_id: undefined })),
  ]);
  const rows = async (...args: string[]) =>
    linesOf((await dlq('list', '--json', ...args)).stdout)
      .map(({ orderId, reason }) => `${orderId}: ${reason}`)
      .sort();
  const others = ['BAD: user_id is required', 'COUNTED: counted already'];
  expect(await rows()).toEqual([...others, 'NEW: currency is EUR; this stage counts USD']);
  expect(await rows('--currency', 'EUR')).toEqual([...others, 'NEW: would count now']);
  vi.stubEnv('CURRENCY', 'EUR');
  expect(await rows()).toEqual([...others, 'NEW: would count now']);
});

test('dlq list judges each of several messages of one order by what is counted', async () => {
  await bury([fresh, fresh, orderBody({ order_id: 'NEW', order_version: 2 })]);
  const recent = new Date().toISOString();
  await bury([1, 2, 3].map((order_version) => orderBody({ order_id: 'R', order_timestamp: recent, order_version })));
  const kinds = linesOf((await dlq('list', '--json')).stdout).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['unknown', ...Array(5).fill('would-count')]);
});

test('dlq list shows counts of the reasons and a row for each message, and leaves all of them', async () => {
  const ids = await buryAll();
  const { code, stdout, stderr } = await dlq('list');
  expect(stdout).toMatch(/^orders-queue-dlq: 8 messages\n/);
  expect(stdout).toMatch(/│ 1 +│ invalid: user_id is required +│/);
  for (const id of ids) expect(stdout).toContain(id);
  expect(stdout).not.toMatch(/Main St|CreditCard/);
  expect(stdout).not.toContain('\u001b');
  expect(visible()).toHaveLength(8);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('dlq list shows each of 500 messages once, and no more rows than it should', async () => {
  const ids = await bury(many(500));
  const { stdout } = await dlq('list', '--json');
  expect(
    linesOf(stdout)
      .map(({ messageId }) => messageId)
      .sort(),
  ).toEqual([...ids].sort());
  expect(visible()).toHaveLength(500);
  const table = await dlq('list', '--limit', '7');
  expect(table.stdout).toMatch(/│ 500 +│ would count now/);
  expect(ids.filter((id) => table.stdout.includes(id))).toHaveLength(7);
  expect(table.stdout).toContain('and 493 messages more');
});

test('dlq list says that there is nothing', async () => {
  expect(await dlq('list')).toMatchObject({ code: 0, stdout: 'orders-queue-dlq: 0 messages\n', stderr: '' });
});

test('dlq list without Redis does what it can', async () => {
  await bury([fresh, invalid]);
  const nowhere = `127.0.0.1:${await getPort()}`;
  const args = ['list', '--json', '--endpoint', sqs.address, '--redis', `redis://:secret@${nowhere}`];
  const { code, stdout, stderr } = await start(...args).result;
  const kinds = linesOf(stdout).map(({ kind, reason }) => `${kind}: ${reason}`);
  expect(kinds.sort()).toEqual([
    'invalid: user_id is required',
    'not-looked-up: valid; not looked up: Redis could not be asked',
  ]);
  expect(stderr).toMatch(new RegExp(`^No Redis answers at ${nowhere} \\([^\\n]*\\): name it with --redis\\n$`));
  expect(code).toBe(0);
});

test('dlq list makes all messages visible again on Ctrl-C', async () => {
  await bury(many(2000));
  const { child, result } = start('list', ...places());
  await vi.waitUntil(() => invisible().length >= 80, { timeout: 30_000, interval: 5 });
  child.kill('SIGINT');
  const { code, stdout } = await result;
  expect(visible()).toHaveLength(2000);
  expect(stdout).toMatch(/^orders-queue-dlq: \d+ messages of about 2000\n/);
  expect(code).toBe(130);
});

test('dlq list says nothing about receives, which its own looks add to', async () => {
  await bury([invalid]);
  for (const args of [['list'], ['list', '--json']]) {
    const [command = '', ...more] = args;
    expect((await dlq(command, ...more)).stdout).not.toMatch(/receive/i);
  }
});

test.each([
  [['list', '--queue', 'nosuch'], "unknown option '--queue'"],
  [['purge', '--to', '/dev/null', '--queue', 'nosuch'], "unknown option '--queue'"],
  [['list', '--json', '--limit', '3'], "option '--json' cannot be used with option '--limit <n>'"],
  [['redrive', '--redis', 'redis://there'], "option '--redis <URL>' needs '--only retryable' or '--accept-unknown'"],
  [['redrive', '--time-zone', 'UTC'], "option '--time-zone <name>' needs '--only retryable' or '--accept-unknown'"],
  [
    ['redrive', '--accept-unknown', '--only', 'retryable'],
    "option '--accept-unknown' cannot be used with option '--only <which>'",
  ],
])('dlq %j is refused: no option is left out of account', async (args, message) => {
  const { code, stdout, stderr } = await start(...args).result;
  expect(stderr).toContain(`error: ${message}`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('dlq show shows one message whole, with its body and attributes, and leaves all of them', async () => {
  const body = `${JSON.stringify(exampleOrder, undefined, 2)}\u0085`;
  const [id = ''] = await bury([body], { source: { DataType: 'String', StringValue: 'shop' } });
  await bury(many(30));
  const { code, stdout, stderr } = await dlq('show', id);
  expect(stdout).toContain(`message id: ${id}\nsent: 20`);
  expect(stdout).toContain(
    '\nreason: body must be JSON\nattribute source (String): shop\n\n{\n  "order_id": "ORD1234",\n',
  );
  expect(stdout).toMatch(/\n}\\u\{85}\n$/);
  expect(visible()).toHaveLength(31);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('dlq show says that there is no such message', async () => {
  await bury([fresh]);
  const stderr = 'There is no message 1234 in orders-queue-dlq\n';
  expect(await dlq('show', '1234')).toMatchObject({ code: 1, stdout: '', stderr });
  expect(visible()).toHaveLength(1);
});

test('dlq redrive sends all back, with their attributes', async () => {
  const sent = [...many(120), noJson];
  await bury(sent, { source: { DataType: 'String', StringValue: 'shop' } });
  const { code, stdout, stderr } = await dlq('redrive', '--all');
  expect(bodies(QUEUE).sort()).toEqual(sent.sort());
  for (const { messageAttributes } of visible(QUEUE)) {
    expect(messageAttributes).toMatchObject({ source: { DataType: 'String', StringValue: 'shop' } });
  }
  expect([visible(), invisible()]).toEqual([[], []]);
  expect(stderr).toMatch(
    /^Sending about 121 messages back to orders-queue at once, [^\n]*\nThis SQS has no message move tasks: the messages are sent back one by one\n/,
  );
  expect(stdout).toBe('sent back to orders-queue: 121 messages\nstay in orders-queue-dlq: 0 messages\n');
  expect(code).toBe(0);
});

test('dlq redrive without options sends nothing back where nobody can answer', async () => {
  await bury([fresh]);
  expect(await dlq('redrive')).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'error: say which messages to send back, and put -- before it: npm run dlq -- redrive --only retryable, or --all\n',
  });
  expect([bodies(), bodies(QUEUE)]).toEqual([[fresh], []]);
});

test('dlq redrive leaves what SQS refuses, and says why', async () => {
  const refusing = await startRefusingSqs(sqs.address, (body) => body === fresh);
  await bury([counted, fresh, amended]);
  const { stdout } = await start('redrive', '--all', '--endpoint', refusing.endpoint).result;
  expect(bodies(QUEUE).sort()).toEqual([counted, amended].sort());
  expect(bodies()).toEqual([fresh]);
  expect(stdout).toMatch(
    /^sent back to orders-queue: 2 messages\nstay in orders-queue-dlq: 1 message\n +1 {2}not sent: Int/,
  );
  refusing.stop();
});

test('dlq redrive --only retryable leaves what would not count, and says why', async () => {
  await buryAll();
  const { code, stdout } = await dlq('redrive', '--only', 'retryable');
  expect(bodies(QUEUE).sort()).toEqual([counted, fresh, amended].sort());
  expect(bodies().sort()).toEqual([otherDay, otherUser, old, invalid, noJson].sort());
  expect(stdout).toMatch(/^sent back to orders-queue: 3 messages\nstay in orders-queue-dlq: 5 messages\n/);
  expect(stdout).toContain('1  invalid: user_id is required\n');
  expect(code).toBe(0);
});

test('dlq redrive of all takes no notice of TIME_ZONE, and list refuses one that does not exist', async () => {
  await bury([fresh]);
  const inNowhere = (...command: string[]) =>
    startScript('scripts/dlq.ts', [...command, ...places()], { REDIS_URL: server.url, TIME_ZONE: 'Mars/Olympus' })
      .result;
  const { code, stderr } = await inNowhere('list');
  expect(stderr).toMatch(/TIME_ZONE must be the name of a time zone, such as Europe\/Berlin\n$/);
  expect(code).toBe(1);
  expect(await inNowhere('redrive', '--all')).toMatchObject({ code: 0 });
  expect(bodies(QUEUE)).toEqual([fresh]);
});

test('dlq redrive --only retryable does nothing without Redis', async () => {
  await buryAll();
  const { code, stdout, stderr } = await dlq('redrive', '--only', 'retryable', '--redis', 'redis://127.0.0.1:1');
  expect(stderr).toMatch(/^No Redis answers at 127\.0\.0\.1:1 [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect([visible().length, visible(QUEUE).length]).toEqual([8, 0]);
});

test('dlq redrive --accept-unknown sends back only later versions that are not remembered, and the worker counts them', async () => {
  await buryAll();
  await bury([orderBody({ order_id: 'OLD2', order_version: 2 })], {
    source: { DataType: 'String', StringValue: 'shop' },
  });
  const { code, stdout } = await dlq('redrive', '--accept-unknown');
  expect(stdout).toMatch(/^sent back to orders-queue: 2 messages\nstay in orders-queue-dlq: 7 messages\n/);
  expect(code).toBe(0);
  const QueueUrl = await findQueueUrl(client, QUEUE);
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  );
  const Records = Messages.map((message) => sqsRecord(message, QUEUE));
  expect(Records.find(({ body }) => body.includes('OLD2'))?.messageAttributes).toMatchObject({
    source: { stringValue: 'shop' },
    accept_unknown_version: { stringValue: 'true', dataType: 'String' },
  });
  await redis.flushall();
  const count = await loadWorker({
    REDIS_URL: server.url,
    QUEUE_URL: QueueUrl,
    AWS_ENDPOINT_URL: sqs.address,
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  expect(await count({ Records })).toEqual({ batchItemFailures: [] });
  expect(await redis.hgetall('global:stats')).toMatchObject({ total_orders: '2', total_revenue: '199.98' });
  expect(await count({ Records })).toEqual({ batchItemFailures: [] });
  expect(await redis.hgetall('global:stats')).toMatchObject({ total_orders: '2', total_revenue: '199.98' });
});

test('dlq redrive cut off by Ctrl-C says how many are left', async () => {
  await bury(many(1000));
  const { child, result } = start('redrive', ...places(), '--only', 'retryable');
  await vi.waitUntil(() => visible(QUEUE).length >= 50, { timeout: 30_000, interval: 1 });
  child.kill('SIGINT');
  const { code, stdout } = await result;
  expect(visible().length).toBeGreaterThan(0);
  expect(stdout).toBe(
    `sent back to orders-queue: ${visible(QUEUE).length} messages\n` +
      `stay in orders-queue-dlq: about ${visible().length} messages, not all of which were looked at\n`,
  );
  expect(code).toBe(130);
});

test('dlq redrive killed in the middle loses nothing', async () => {
  const sent = many(1000);
  await bury(sent);
  const { child, result } = start('redrive', ...places(), '--only', 'retryable');
  await vi.waitUntil(() => visible(QUEUE).length >= 50, { timeout: 30_000, interval: 1 });
  child.kill('SIGKILL');
  await result;
  const left = sqs.inspectQueue(DLQ)?.messages.inflight.map(({ message }) => message.body) ?? [];
  expect(new Set([...bodies(QUEUE), ...bodies(), ...left])).toEqual(new Set(sent));
});

test('dlq purge writes every message to the file, which only its owner may read, and empties the queue', async () => {
  const file = join(directory, 'all.jsonl');
  await writeFile(file, '{"messageId":"cut o', { mode: 0o600 });
  const ids = await buryAll();
  const { code, stdout } = await dlq('purge', '--to', file);
  const [cut, ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(cut).toBe('{"messageId":"cut o');
  const archived = linesOf(lines.join('\n'));
  expect(archived.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
  expect(archived.map(({ body }) => body).sort()).toEqual(
    [counted, otherDay, otherUser, fresh, amended, old, invalid, noJson].sort(),
  );
  expect([visible(), invisible()]).toEqual([[], []]);
  expect(stdout).toContain(`archived to ${file} and deleted from orders-queue-dlq: 8 messages\n`);
  expect(code).toBe(0);
});

test('dlq purge --only invalid leaves what could count, visible', async () => {
  const file = join(directory, 'invalid.jsonl');
  await buryAll();
  expect(await dlq('purge', '--to', file, '--only', 'invalid')).toMatchObject({ code: 0, stderr: '' });
  const kinds = linesOf(await readFile(file, 'utf8')).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['conflict', 'conflict', 'invalid', 'invalid']);
  expect(bodies().sort()).toEqual([counted, fresh, amended, old].sort());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ['in a folder that is not there', () => join(directory, 'none', 'file.jsonl')],
  ['that is a folder', () => directory],
  ['on a disk that is full', () => '/dev/full'],
])('dlq purge to a file %s deletes nothing', async (_, path) => {
  await buryAll();
  const { code, stdout, stderr } = await dlq('purge', '--to', path());
  expect(stderr).toMatch(/^Cannot write [^\n]*, so nothing more is deleted: [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(visible()).toHaveLength(8);
});

test('dlq purge does nothing without Redis, though it may not need it', async () => {
  const file = join(directory, 'without-redis.jsonl');
  await bury([invalid, noJson]);
  const args = ['purge', '--endpoint', sqs.address, '--redis', 'redis://127.0.0.1:1', '--to', file];
  const { code, stdout, stderr } = await start(...args, '--only', 'invalid').result;
  expect(stderr).toMatch(/^No Redis answers at 127\.0\.0\.1:1 [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(visible()).toHaveLength(2);
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test('dlq purge cut off in the middle says how many are left', async () => {
  const file = join(directory, 'cut.jsonl');
  const other = await startRedisServer();
  await bury(many(1500));
  const { result } = start('purge', '--endpoint', sqs.address, '--redis', other.url, '--to', file);
  await vi.waitUntil(() => visible().length + invisible().length <= 1400, { timeout: 30_000, interval: 1 });
  await other.stop();
  const { code, stdout, stderr } = await result;
  const archived = linesOf(await readFile(file, 'utf8')).length;
  expect(visible()).toHaveLength(1500 - archived);
  expect(archived).toBeLessThan(1500);
  expect(stdout).toContain(`deleted from orders-queue-dlq: ${archived} messages\n`);
  expect(stdout).toMatch(
    new RegExp(`\nstay in orders-queue-dlq: about ${1500 - archived} messages, not all of which [^\n]*\n$`),
  );
  expect(stderr).toMatch(/^No Redis answers at /);
  expect(code).toBe(1);
});

test('dlq purge without --to is refused', async () => {
  expect(await dlq('purge')).toMatchObject({ code: 1, stderr: expect.stringContaining('--to <file>') });
});

test('dlq purge killed in the middle leaves every message in the file or in the queue', async () => {
  const file = join(directory, 'killed.jsonl');
  const ids = await bury(many(1500));
  const { child, result } = start('purge', ...places(), '--to', file);
  await vi.waitUntil(() => visible().length + invisible().length <= 1400, { timeout: 30_000, interval: 1 });
  child.kill('SIGKILL');
  await result;
  const whole = (await readFile(file, 'utf8')).split('\n').slice(0, -1).join('\n');
  const archived = linesOf(whole).map(({ messageId }) => messageId);
  const left = [...visible().map(({ messageId }) => messageId), ...invisible()];
  expect(new Set([...archived, ...left])).toEqual(new Set(ids));
  expect(left.length).toBeGreaterThan(0);
});

test('one message says what to do when no SQS answers', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  const stderr = `No SQS answers at ${endpoint}: start the pipeline with npm start, or name it with --endpoint\n`;
  expect(await start('list', '--endpoint', endpoint).result).toEqual({ code: 1, stdout: '', stderr });
});

test('one message says what to do when there is no such queue', async () => {
  const where = `at ${sqs.address} in region us-east-1`;
  const missing = (queue: string, option: string) => ({
    code: 1,
    stdout: '',
    stderr: `There is no queue ${queue} ${where}: name it with ${option}\n`,
  });
  expect(await dlq('list', '--stage', 'dev')).toEqual(missing('orders-queue-dlq-dev', '--dlq'));
  expect(await dlq('redrive', '--all', '--queue', 'nowhere')).toMatchObject(missing('nowhere', '--queue'));
});

test('one message says what to do when both queues are the same', async () => {
  const { code, stderr } = await dlq('redrive', '--all', '--queue', DLQ);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `${DLQ} and ${DLQ} are the same queue\n` });
});
