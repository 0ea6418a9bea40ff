import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import pMap from 'p-map';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { DeadLetters } from '../../scripts/dlq/deadLetters.ts';
import { run } from '../../scripts/dlq/job.ts';
import { openLedger } from '../../scripts/dlq/ledger.ts';
import { jsonListing, listing } from '../../scripts/dlq/list.ts';
import { purging } from '../../scripts/dlq/purge.ts';
import { redrive, retryable } from '../../scripts/dlq/redrive.ts';
import { sqsClient } from '../../scripts/shared/sqs.ts';
import { captureOutput } from '../support/captureOutput.ts';
import { orderBody } from '../support/orderMessage.ts';
import { type Answering, type SqsAnswer, startSqsProxy } from '../support/sqsProxy.ts';

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';
const INVALID = '{"order_id":"BAD"}';

let sqs: FauxqsServer;
let server: RedisServer;
let directory: string;
let fromUrl: string;
let direct: SQSClient;
beforeAll(async () => {
  sqs = await startFauxqs({ port: 0, logger: false });
  direct = sqsClient({ endpoint: sqs.address });
  server = await startRedisServer();
  directory = await mkdtemp(join(tmpdir(), 'orders-dlq-'));
});
const cleanUp: (() => void)[] = [];
beforeEach(() => {
  sqs.purgeAll();
  fromUrl = sqs.createQueue(DLQ).queueUrl;
  sqs.createQueue(QUEUE);
});
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean();
});
afterAll(async () => {
  direct.destroy();
  await Promise.all([sqs.stop(), server.stop(), rm(directory, { recursive: true })]);
});

/** Sends orders to the dead-letter queue, each second one invalid. */
async function bury(count: number): Promise<void> {
  const bodies = Array.from({ length: count }, (_, n) => (n % 2 ? INVALID : orderBody({ order_id: `ORD${n}` })));
  await pMap(
    chunksOf(bodies),
    (chunk) => {
      const Entries = chunk.map((MessageBody, n) => ({ Id: `${n}`, MessageBody }));
      return direct.send(new SendMessageBatchCommand({ QueueUrl: fromUrl, Entries }));
    },
    { concurrency: 10 },
  );
}

/** The emulator moves messages whose timeouts have ended only when it is asked for some. */
function messagesIn(queue: string) {
  const { ready = [], inflight = [] } = sqs.inspectQueue(queue)?.messages ?? {};
  const ended = inflight.filter(({ visibilityDeadline }) => visibilityDeadline <= Date.now());
  const visible = [...ready, ...ended.map(({ message }) => message)].map(({ body }) => body);
  return { visible, invisible: inflight.length - ended.length };
}

/** What a command needs, at an SQS that answers some calls in its own way. */
async function commandAt(answer: Answering, limits = { shortestHold: 60, patience: 2 }) {
  const { endpoint, stop } = await startSqsProxy(sqs.address, (call, forward) =>
    // Says at once that the queue is empty.
    answer(call, (body) => forward(body.replace('"WaitTimeSeconds":1', '"WaitTimeSeconds":0'))),
  );
  const client = sqsClient({ endpoint });
  cleanUp.push(stop, () => client.destroy());
  const from = new DeadLetters(client, fromUrl, limits);
  return { client, from, queues: { queue: QUEUE, dlq: DLQ }, signal: new AbortController().signal };
}

/** @returns what was printed, with the error if there was one */
async function output(work: () => Promise<unknown>): Promise<string> {
  const captured = captureOutput();
  try {
    await work().catch((error) => console.error(String(error)));
    return captured.text();
  } finally {
    captured.restore();
  }
}

const ledger = () => {
  const opened = openLedger(server.url, {});
  cleanUp.push(opened.close);
  return opened;
};

/** Visibility timeouts of a second. */
const BRIEF = { shortestHold: 1, patience: 2 };

const slow =
  (ms: number): Answering =>
  async ({ body }, forward) => {
    await sleep(ms / 2);
    const answer = await forward(body);
    await sleep(ms / 2);
    return answer;
  };

const Line = v.object({ messageId: v.string() });
const idsOf = (lines: readonly string[]) => new Set(lines.map((line) => v.parse(Line, JSON.parse(line)).messageId));

test('a list that outlasts the visibility timeout shows each message once and leaves all visible', async () => {
  await bury(500);
  const { from, signal } = await commandAt(slow(300), BRIEF);
  const lines: string[] = [];
  const job = jsonListing((line) => lines.push(line), ledger());
  expect(await output(() => run(job, from, signal))).toBe('');
  expect([lines.length, idsOf(lines).size]).toEqual([500, 500]);
  expect(messagesIn(DLQ)).toMatchObject({ visible: { length: 500 }, invisible: 0 });
});

test('redrive --only and purge reach the last message when they outlast the visibility timeout', async () => {
  await bury(500);
  const { from, signal, ...places } = await commandAt(slow(300), BRIEF);
  const job = await redrive({ ...places, from, signal, choice: retryable(ledger()) });
  const redriven = await output(async () => job && run(job, from, signal));
  expect(redriven).toMatch(/^sent back to orders-queue: 250 messages\nstay in orders-queue-dlq: 250 messages$/m);
  expect(messagesIn(QUEUE).visible).toHaveLength(250);
  expect(messagesIn(DLQ)).toEqual({ visible: Array(250).fill(INVALID), invisible: 0 });

  const to = join(directory, 'slow.jsonl');
  const second = await commandAt(slow(300), BRIEF);
  const purge = await purging({ to, dlq: DLQ, from: second.from, ledger: ledger() });
  expect(await output(() => run(purge, second.from, signal))).toContain('deleted from orders-queue-dlq: 250 messages');
  expect(idsOf((await readFile(to, 'utf8')).trimEnd().split('\n')).size).toBe(250);
  expect(messagesIn(DLQ)).toEqual({ visible: [], invisible: 0 });
});

const nothing = { status: 200, body: '{}' };
const overLimit = { status: 403, body: '{"__type":"com.amazonaws.sqs#OverLimit","message":"Too many messages"}' };
const isReceive = (action: string) => action === 'ReceiveMessage';

/** Hands out about 300 messages, and others only when some of these are deleted. */
const limited =
  (answerWhenFull: SqsAnswer): Answering =>
  async ({ action, body }, forward) =>
    isReceive(action) && messagesIn(DLQ).invisible >= 300 ? answerWhenFull : forward(body);

test.each([
  ['answers nothing', nothing],
  ['answers OverLimit', overLimit],
])('a list says how many messages are missing when too many are in flight and SQS %s', async (_, answer) => {
  await bury(500);
  const { from, signal } = await commandAt(limited(answer));
  const job = listing({ name: DLQ, limit: 0, width: undefined }, ledger());
  const [first, ...rest] = (await output(() => run(job, from, signal))).split(/(?<=more and[^\n]*\n)/);
  const text = rest.join('');
  expect(first).toMatch(/^SQS counts about \d+ messages more and does not hand them out: waiting/);
  const listed = Number(/^orders-queue-dlq: (\d+) messages of about 500$/m.exec(text)?.[1]);
  expect(listed).toBeGreaterThanOrEqual(300);
  expect(listed).toBeLessThan(500);
  expect(text).toContain(`SQS counts about ${500 - listed} messages more that it did not hand out: `);
  expect(messagesIn(DLQ)).toMatchObject({ visible: { length: 500 }, invisible: 0 });
});

test('purge reaches the last message although SQS hands out 300 at a time', async () => {
  await bury(500);
  const { from, signal } = await commandAt(limited(overLimit));
  const job = await purging({ to: join(directory, 'limited.jsonl'), dlq: DLQ, from, ledger: ledger() });
  expect(await output(() => run(job, from, signal))).toMatch(/stay in orders-queue-dlq: 0 messages$/m);
  expect(messagesIn(DLQ)).toEqual({ visible: [], invisible: 0 });
});

test('a message that others have received is reported', async () => {
  await bury(4);
  await direct.send(new ReceiveMessageCommand({ QueueUrl: fromUrl, VisibilityTimeout: 60 }));
  const { from, signal } = await commandAt(({ body }, forward) => forward(body));
  const job = await purging({ to: join(directory, 'shared.jsonl'), dlq: DLQ, from, ledger: ledger() });
  const text = await output(() => run(job, from, signal));
  expect(text).toMatch(/stay in orders-queue-dlq: about 1 message, not all of which were looked at/);
  expect(text).toMatch(/SQS counts about 1 message more that it did not hand out: others have received /);
});

test.each([
  ['nothing', () => async () => nothing],
  [
    'the same 10 messages',
    () => {
      let first: Promise<SqsAnswer> | undefined;
      return (receive: () => Promise<SqsAnswer>) => (first ??= receive());
    },
  ],
])('an SQS that hands out %s for a while is asked again', async (_, newAnswer) => {
  await bury(20);
  const answer = newAnswer();
  let receives = 0;
  const { from, signal } = await commandAt(
    ({ action, body }, forward) =>
      isReceive(action) && ++receives <= 70 ? answer(() => forward(body)) : forward(body),
    { shortestHold: 60, patience: 60 },
  );
  const job = listing({ name: DLQ, limit: 0, width: undefined }, ledger());
  const text = await output(() => run(job, from, signal));
  expect(text).toMatch(/^(SQS counts about [^\n]*\n)?orders-queue-dlq: 20 messages\n/);
  expect(text).not.toContain('did not hand out');
});

const Releasing = v.object({ Entries: v.array(v.looseObject({ Id: v.string(), VisibilityTimeout: v.literal(0) })) });

test('messages that SQS refuses to make visible are tried again', async () => {
  await bury(100);
  let refused = 0;
  const { from, signal } = await commandAt(async ({ body }, forward) => {
    const releasing = v.safeParse(Releasing, JSON.parse(body));
    if (!releasing.success || refused++ >= 5) return forward(body);
    const Failed = releasing.output.Entries.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' }));
    return { status: 200, body: JSON.stringify({ Successful: [], Failed }) };
  });
  const job = jsonListing(() => {}, ledger());
  expect(await output(() => run(job, from, signal))).toBe('');
  expect(messagesIn(DLQ)).toMatchObject({ visible: { length: 100 }, invisible: 0 });
});
