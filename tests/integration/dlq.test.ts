import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { hourIn } from '../../lib/orders/calendar.ts';
import { findQueueUrl, sqsClient } from '../../scripts/shared/sqs.ts';
import { eventBridgeEvent, snsNotification } from '../support/envelopes.ts';
import { loadWorker } from '../support/loadWorker.ts';
import { exampleOrder, orderBody, orderOf } from '../support/orderMessage.ts';
import { runDlq } from '../support/runCommand.ts';
import { sqsRecord } from '../support/sqsEvent.ts';
import { startRefusingSqs, startSqsProxy } from '../support/sqsProxy.ts';
import { startScript } from '../support/startScript.ts';

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';

let sqs: FauxqsServer;
/** Says at once that the queue is empty, where {@link sqs} is asked to wait a second for messages. */
let hasty: { readonly endpoint: string; stop(): void };
let client: SQSClient;
let server: RedisServer;
let redis: Redis;
let directory: string;
let deadLetters: string;
beforeAll(async () => {
  sqs = await startFauxqs({ port: 0, logger: false });
  hasty = await startSqsProxy(sqs.address, ({ body }, forward) =>
    forward(body.replace('"WaitTimeSeconds":1', '"WaitTimeSeconds":0')),
  );
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
afterAll(async () => {
  redis.disconnect();
  client.destroy();
  hasty.stop();
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

/** Runs the command in a process, which a signal can hit. */
const startDlq = (...args: string[]) =>
  startScript('scripts/dlq.ts', [...args, '--endpoint', sqs.address], { REDIS_URL: server.url });

const dlqAt = (endpoint: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runDlq([...args, '--endpoint', endpoint], { REDIS_URL: server.url, ...env });
const dlq = (...args: string[]) => dlqAt(hasty.endpoint, args);

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

/** Why a message is buried whose order is counted. */
const COUNTED = 'counted already, but perhaps not archived: redrive';

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

test('list --time-zone compares days with those of the stage', async () => {
  const lateInUtc = { order_timestamp: '2025-01-01T20:00:00Z' };
  await countOrders(redis, [orderOf(orderBody(lateInUtc), { hourOf: hourIn('Asia/Tokyo') })]);
  await bury([
    orderBody({ ...lateInUtc, order_value: 1, items: [{ product_id: 'P', quantity: 1, price_per_unit: 1 }] }),
  ]);
  const reasons = async (...args: string[]) =>
    linesOf((await dlq('list', '--json', ...args)).stdout).map(({ reason }) => reason);
  expect(await reasons('--time-zone', 'Asia/Tokyo')).toEqual([
    'version 1 is counted with a different order_value (99.99, here 1.00)',
  ]);
  expect(await reasons('--time-zone', 'UTC')).toEqual([
    'version 1 is counted with a different order_value (99.99, here 1.00) and day (2025-01-02, here 2025-01-01)',
  ]);
});

test('list --json gives the reason of each message, and nothing of its content', async () => {
  const ids = await buryAll();
  const { code, stdout, stderr } = await dlq('list', '--json');
  const lines = linesOf(stdout).sort((a, b) => ids.indexOf(a.messageId) - ids.indexOf(b.messageId));
  expect(lines.map(({ kind, orderId, reason }) => [kind, orderId, reason])).toEqual([
    ['counted', 'COUNTED', COUNTED],
    ['conflict', 'COUNTED', 'version 1 is counted with a different day (2024-12-13, here 2025-01-01)'],
    ['conflict', 'COUNTED', 'version 1 is counted with a different user_id'],
    ['would-count', 'NEW', 'would count now'],
    ['would-replace', 'COUNTED', 'would replace version 1'],
    [
      'unknown',
      'OLD',
      'version 3 of an order that is not remembered and was placed over 29 days ago: ' +
        'if no version of it was counted, redrive --accept-unknown counts it',
    ],
    ['invalid', 'BAD', 'user_id is required'],
    ['invalid', null, 'body must be JSON'],
  ]);
  expect(stdout).not.toMatch(/Main St|CreditCard/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('list names the counted version, and how the message differs from it', async () => {
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
      `version 7 is counted with a different order_value (20.00, here 10.00) and day (${dayOf(recent)}, here ${dayOf(yesterday)})`,
    ],
    [
      'conflict',
      'version 7 is counted with the same user, value and day, but a different time of day or different items: ' +
        'other lines, the same lines in another order, or a product_id in another Unicode form',
    ],
    ['conflict', 'version 7 is counted with a different order_status (placed, here cancelled)'],
    ['conflict', 'version 7 is counted with a different user_id and order_value (20.00, here 10.00)'],
    ['conflict', 'version 9 is counted with a different order_timestamp'],
    ['superseded', 'superseded by version 9'],
    ['counted', COUNTED],
    ['would-replace', 'would replace version 9'],
  ]);
  const table = await dlq('list');
  expect(table.stdout).toMatch(/│ 2 +│ superseded by a higher version +│/);
  expect(table.stdout).toMatch(/│ 1 +│ conflict: counted with a different user_id and order_value +│/);
});

test('list explains orders in envelopes, and in the currency of --currency or CURRENCY', async () => {
  await countOrders(redis, [orderOf(counted)]);
  const inEuros = { ...exampleOrder, order_id: 'NEW', currency: 'EUR' };
  await bury([
    snsNotification(counted),
    eventBridgeEvent(inEuros),
    snsNotification(orderBody({ order_id: 'BAD', user_id: undefined })),
  ]);
  const rows = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    linesOf((await dlqAt(hasty.endpoint, ['list', '--json', ...args], env)).stdout)
      .map(({ orderId, reason }) => `${orderId}: ${reason}`)
      .sort();
  const others = ['BAD: user_id is required', `COUNTED: ${COUNTED}`];
  expect(await rows([])).toEqual([...others, 'NEW: currency is EUR; this stage counts USD']);
  expect(await rows(['--currency', 'EUR'])).toEqual([...others, 'NEW: would count now']);
  expect(await rows([], { CURRENCY: 'EUR' })).toEqual([...others, 'NEW: would count now']);
});

test('list judges each message of an order independently of the others', async () => {
  await bury([fresh, fresh, orderBody({ order_id: 'NEW', order_version: 2 })]);
  const recent = new Date().toISOString();
  await bury([1, 2, 3].map((order_version) => orderBody({ order_id: 'R', order_timestamp: recent, order_version })));
  const kinds = linesOf((await dlq('list', '--json')).stdout).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['unknown', ...Array(5).fill('would-count')]);
});

test('list counts the reasons, shows a row for each message, and leaves all messages visible', async () => {
  const ids = await buryAll();
  const { code, stdout, stderr } = await startDlq('list').result;
  expect(stdout).toMatch(/^orders-queue-dlq: 8 messages\n/);
  expect(stdout).toMatch(/│ 1 +│ invalid: user_id is required +│/);
  for (const id of ids) expect(stdout).toContain(id);
  expect(stdout).not.toMatch(/Main St|CreditCard/);
  expect(stdout).not.toContain('\u001b');
  expect(visible()).toHaveLength(8);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('list --json shows each of 500 messages once, list at most --limit rows', async () => {
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
  expect(table.stdout).toContain('and 493 more: see --limit and --json');
});

test('list of an empty queue says so', async () => {
  expect(await dlq('list')).toMatchObject({ code: 0, stdout: 'orders-queue-dlq: 0 messages\n', stderr: '' });
});

test('list without Redis explains invalid messages', async () => {
  await bury([fresh, invalid]);
  const nowhere = `127.0.0.1:${await getPort()}`;
  const { code, stdout, stderr } = await dlq('list', '--json', '--redis', `redis://:secret@${nowhere}`);
  const kinds = linesOf(stdout).map(({ kind, reason }) => `${kind}: ${reason}`);
  expect(kinds.sort()).toEqual([
    'invalid: user_id is required',
    'not-looked-up: valid; not looked up: Redis could not be asked',
  ]);
  expect(stderr).toMatch(new RegExp(`^No Redis answers at ${nowhere} \\([^\\n]*\\): name it with --redis\\n$`));
  expect(code).toBe(0);
});

test('list makes all messages visible again on Ctrl-C', async () => {
  await bury(many(2000));
  const { child, result } = startDlq('list');
  await vi.waitUntil(() => invisible().length >= 80, { timeout: 30_000, interval: 5 });
  child.kill('SIGINT');
  const { code, stdout } = await result;
  expect(visible()).toHaveLength(2000);
  expect(stdout).toMatch(/^orders-queue-dlq: \d+ messages of about 2000\n/);
  expect(code).toBe(130);
});

test('list shows no receive count, which it would increase itself', async () => {
  await bury([invalid]);
  for (const args of [['list'], ['list', '--json']]) expect((await dlq(...args)).stdout).not.toMatch(/receive/i);
});

test.each([
  [
    ['purge', '--to', '/dev/null', '--only', 'invalid', '--counted'],
    "option '--counted' cannot be used with option '--only <which>'",
  ],
  [['list', '--queue', 'nosuch'], "unknown option '--queue'"],
  [['purge', '--to', '/dev/null', '--queue', 'nosuch'], "unknown option '--queue'"],
  [['list', '--json', '--limit', '3'], "option '--json' cannot be used with option '--limit <n>'"],
  [['redrive', '--redis', 'redis://there'], "option '--redis <URL>' needs '--only retryable' or '--accept-unknown'"],
  [['redrive', '--time-zone', 'UTC'], "option '--time-zone <name>' needs '--only retryable' or '--accept-unknown'"],
  [
    ['redrive', '--accept-unknown', '--only', 'retryable'],
    "option '--accept-unknown' cannot be used with option '--only <which>'",
  ],
])('%j is refused', async (args, message) => {
  const { code, stdout, stderr } = await dlq(...args);
  expect(stderr).toContain(`error: ${message}`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('show prints one whole message with its attributes, and leaves all messages visible', async () => {
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

test('show says when there is no such message', async () => {
  await bury([fresh]);
  const stderr = 'There is no message 1234 in orders-queue-dlq\n';
  expect(await dlq('show', '1234')).toMatchObject({ code: 1, stdout: '', stderr });
  expect(visible()).toHaveLength(1);
});

/** Runs redrive on a terminal, and answers its question. @returns what it prints once it has ended */
async function answerRedrive(answer: string): Promise<string> {
  const command = `node --import tsx --import ./dev/luaText.mjs scripts/dlq.ts redrive --endpoint ${sqs.address}`;
  const terminal = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null']);
  let output = '';
  terminal.stdout.on('data', (text) => {
    output += text;
    if (String(text).includes('[y/N]')) terminal.stdin.write(answer);
  });
  await once(terminal, 'close');
  return output;
}

// macOS has a `script` with other options, which gives the test no terminal.
const hasNoTerminal = spawnSync('script', ['--version']).status !== 0;
test.skipIf(hasNoTerminal)('redrive asks on a terminal, then ends', async () => {
  await bury([orderBody()]);
  expect(await answerRedrive('n\n')).toContain('Nothing is sent back');
  expect(await answerRedrive('y\n')).toContain(`sent back to ${QUEUE}: 1 message`);
});

test('redrive --all sends back all messages with their attributes', async () => {
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

test('redrive without options sends nothing back when nobody can be asked', async () => {
  await bury([fresh]);
  expect(await startDlq('redrive').result).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'error: say which messages to send back, and put -- before it: npm run dlq -- redrive --only retryable, or --all\n',
  });
  expect([bodies(), bodies(QUEUE)]).toEqual([[fresh], []]);
});

test('redrive leaves what SQS refuses, and says why', async () => {
  const refusing = await startRefusingSqs(sqs.address, (body) => body === fresh);
  await bury([counted, fresh, amended]);
  const { stdout } = await dlqAt(refusing.endpoint, ['redrive', '--all']);
  expect(bodies(QUEUE).sort()).toEqual([counted, amended].sort());
  expect(bodies()).toEqual([fresh]);
  expect(stdout).toMatch(
    /^sent back to orders-queue: 2 messages\nstay in orders-queue-dlq: 1 message\n +1 {2}not sent: Int/,
  );
  refusing.stop();
});

/** Does not delete the messages at the even places of a batch. */
const startUndeletingSqs = () =>
  startSqsProxy(hasty.endpoint, async ({ action, body }, forward) => {
    if (action !== 'DeleteMessageBatch') return forward(body);
    const { Entries } = v.parse(Deleting, JSON.parse(body));
    const kept = Entries.filter((_, index) => index % 2 === 0);
    const others = Entries.filter((entry) => !kept.includes(entry));
    if (others.length > 0) await forward(JSON.stringify({ ...JSON.parse(body), Entries: others }));
    const Failed = kept.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'no' }));
    return { status: 200, body: JSON.stringify({ Successful: others.map(({ Id }) => ({ Id })), Failed }) };
  });
const Deleting = v.object({ Entries: v.array(v.looseObject({ Id: v.string() })) });

test.each([
  {
    args: ['redrive', '--only', 'retryable'],
    first: 'sent back to orders-queue: 10 messages\n',
    note: ': harmless as long as their orders are remembered (30 days)',
  },
  { args: ['purge', '--to'], first: /^written to [^\n]*: 10 messages\n +10 {2}would count now\n/, note: '' },
])('$args.0 counts what SQS does not delete among the messages that stay', async ({ args, first, note }) => {
  const undeleting = await startUndeletingSqs();
  await bury(many(10));
  const to = args.includes('--to') ? [join(directory, 'undeleted.jsonl')] : [];
  const { stdout } = await dlqAt(undeleting.endpoint, [...args, ...to]);
  undeleting.stop();
  const kept = visible().length;
  expect(kept).toBeGreaterThan(0);
  expect(stdout).toMatch(first);
  expect(stdout).toContain(
    `\n${kept} messages of these could not be deleted from orders-queue-dlq${note}\n` +
      `stay in orders-queue-dlq: ${kept} messages\n${String(kept).padStart(8)}  not deleted by SQS\n`,
  );
});

test('redrive --only retryable leaves what would not count, and says why', async () => {
  await buryAll();
  const { code, stdout } = await dlq('redrive', '--only', 'retryable');
  expect(bodies(QUEUE).sort()).toEqual([counted, fresh, amended].sort());
  expect(bodies().sort()).toEqual([otherDay, otherUser, old, invalid, noJson].sort());
  expect(stdout).toMatch(/^sent back to orders-queue: 3 messages\nstay in orders-queue-dlq: 5 messages\n/);
  expect(stdout).toContain('1  invalid: user_id is required\n');
  expect(code).toBe(0);
});

test('list refuses an unknown TIME_ZONE, redrive --all ignores it', async () => {
  await bury([fresh]);
  const inNowhere = (...args: string[]) => dlqAt(hasty.endpoint, args, { TIME_ZONE: 'Mars/Olympus' });
  const { code, stderr } = await inNowhere('list');
  expect(stderr).toMatch(/TIME_ZONE must be the name of a time zone, such as Europe\/Berlin\n$/);
  expect(code).toBe(1);
  expect(await inNowhere('redrive', '--all')).toMatchObject({ code: 0 });
  expect(bodies(QUEUE)).toEqual([fresh]);
});

test('redrive --only retryable does nothing without Redis', async () => {
  await buryAll();
  const { code, stdout, stderr } = await dlq('redrive', '--only', 'retryable', '--redis', 'redis://127.0.0.1:1');
  expect(stderr).toMatch(/^No Redis answers at 127\.0\.0\.1:1 [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect([visible().length, visible(QUEUE).length]).toEqual([8, 0]);
});

test('redrive --accept-unknown sends back only later versions of unknown orders, and the worker counts them', async () => {
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

test('redrive says after Ctrl-C how many messages are left', async () => {
  await bury(many(1000));
  const { child, result } = startDlq('redrive', '--only', 'retryable');
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

test('redrive loses nothing when it is killed', async () => {
  const sent = many(1000);
  await bury(sent);
  const { child, result } = startDlq('redrive', '--only', 'retryable');
  await vi.waitUntil(() => visible(QUEUE).length >= 50, { timeout: 30_000, interval: 1 });
  child.kill('SIGKILL');
  await result;
  const left = sqs.inspectQueue(DLQ)?.messages.inflight.map(({ message }) => message.body) ?? [];
  expect(new Set([...bodies(QUEUE), ...bodies(), ...left])).toEqual(new Set(sent));
});

test('purge --counted appends every message to the file and empties the queue', async () => {
  const file = join(directory, 'all.jsonl');
  await writeFile(file, '{"messageId":"cut o', { mode: 0o600 });
  const ids = await buryAll();
  const { code, stdout } = await dlq('purge', '--to', file, '--counted');
  const [cut, ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(cut).toBe('{"messageId":"cut o');
  const written = linesOf(lines.join('\n'));
  expect(written.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
  expect(written.map(({ body }) => body).sort()).toEqual(
    [counted, otherDay, otherUser, fresh, amended, old, invalid, noJson].sort(),
  );
  expect([visible(), invisible()]).toEqual([[], []]);
  expect(stdout).toContain(`written to ${file} and deleted from orders-queue-dlq: 8 messages\n`);
  expect(code).toBe(0);
});

test('purge leaves counted orders, which the archive may lack, and redrive brings them there', async () => {
  const file = join(directory, 'uncounted.jsonl');
  await buryAll();
  const { code, stdout } = await dlq('purge', '--to', file);
  expect(stdout).toContain(`written to ${file} and deleted from orders-queue-dlq: 7 messages\n`);
  expect(stdout).toMatch(
    new RegExp(
      `\nstay in orders-queue-dlq: 1 message\n +1 {2}${COUNTED}\n` +
        'Counted orders that no archive has would be lost with Redis: redrive archives them, and --counted purges them nevertheless\n$',
    ),
  );
  expect(bodies()).toEqual([counted]);
  expect(code).toBe(0);
  await dlq('redrive', '--only', 'retryable');
  expect([bodies(QUEUE), bodies()]).toEqual([[counted], []]);
});

test('purge --only invalid leaves what could count; only the owner may read the file', async () => {
  const file = join(directory, 'invalid.jsonl');
  await buryAll();
  expect(await dlq('purge', '--to', file, '--only', 'invalid')).toMatchObject({ code: 0, stderr: '' });
  const kinds = linesOf(await readFile(file, 'utf8')).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['conflict', 'conflict', 'invalid', 'invalid']);
  expect(bodies().sort()).toEqual([counted, fresh, amended, old].sort());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ['in a missing folder', () => join(directory, 'none', 'file.jsonl')],
  ['that is a folder', () => directory],
  ['on a full disk', () => '/dev/full'],
])('purge to a file %s deletes nothing', async (_, path) => {
  await buryAll();
  const { code, stdout, stderr } = await dlq('purge', '--to', path());
  expect(stderr).toMatch(/^Cannot write [^\n]*, so nothing more is deleted: [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(visible()).toHaveLength(8);
});

test('purge does nothing without Redis, even if all messages are invalid', async () => {
  const file = join(directory, 'without-redis.jsonl');
  await bury([invalid, noJson]);
  const args = ['purge', '--redis', 'redis://127.0.0.1:1', '--to', file, '--only', 'invalid'];
  const { code, stdout, stderr } = await dlq(...args);
  expect(stderr).toMatch(/^No Redis answers at 127\.0\.0\.1:1 [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(visible()).toHaveLength(2);
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test('purge says how many messages are left when Redis goes away', async () => {
  const file = join(directory, 'cut.jsonl');
  const other = await startRedisServer();
  await bury(many(1500));
  const { result } = startDlq('purge', '--redis', other.url, '--to', file);
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

test('purge without --to is refused', async () => {
  expect(await dlq('purge')).toMatchObject({ code: 1, stderr: expect.stringContaining('--to <file>') });
});

test('purge leaves every message in the file or in the queue when it is killed', async () => {
  const file = join(directory, 'killed.jsonl');
  const ids = await bury(many(1500));
  const { child, result } = startDlq('purge', '--to', file);
  await vi.waitUntil(() => visible().length + invisible().length <= 1400, { timeout: 30_000, interval: 1 });
  child.kill('SIGKILL');
  await result;
  const whole = (await readFile(file, 'utf8')).split('\n').slice(0, -1).join('\n');
  const archived = linesOf(whole).map(({ messageId }) => messageId);
  const left = [...visible().map(({ messageId }) => messageId), ...invisible()];
  expect(new Set([...archived, ...left])).toEqual(new Set(ids));
  expect(left.length).toBeGreaterThan(0);
});

test('a missing SQS is reported in one line', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  const stderr = `No SQS answers at ${endpoint}: start the pipeline with npm start, or name it with --endpoint\n`;
  expect(await dlqAt(endpoint, ['list'])).toMatchObject({ code: 1, stdout: '', stderr });
});

test('a missing queue is reported in one line', async () => {
  const where = `at ${hasty.endpoint} in region us-east-1`;
  const missing = (queue: string, option: string) => ({
    code: 1,
    stdout: '',
    stderr: `There is no queue ${queue} ${where}: name it with ${option}\n`,
  });
  expect(await dlq('list', '--stage', 'dev')).toEqual(missing('orders-queue-dlq-dev', '--dlq'));
  expect(await dlq('redrive', '--all', '--queue', 'nowhere')).toMatchObject(missing('nowhere', '--queue'));
});

test('redrive into the dead-letter queue itself is refused', async () => {
  const { code, stderr } = await dlq('redrive', '--all', '--queue', DLQ);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `${DLQ} and ${DLQ} are the same queue\n` });
});
