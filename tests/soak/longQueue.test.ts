import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import pMap from 'p-map';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { sqsClient } from '../../scripts/shared/sqs.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startSqsProxy } from '../support/sqsProxy.ts';
import { startScript } from '../support/startScript.ts';

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';
const MESSAGES = 40_000;
const INVALID = '{"order_id":"BAD"}';
/** What each call of SQS takes. A command then runs for longer than the visibility timeout that it begins with. */
const CALL_MS = 200;
/** A queue may hold more than the limit, which is 120,000 for SQS. Here the invalid messages alone exceed it. */
const IN_FLIGHT_LIMIT = 12_000;

let sqs: FauxqsServer;
let server: RedisServer;
let directory: string;
let endpoint: string;
let stopProxy = () => {};
let isLimited = false;

beforeAll(async () => {
  [sqs, server] = await Promise.all([startFauxqs({ port: 0, logger: false }), startRedisServer()]);
  directory = await mkdtemp(join(tmpdir(), 'orders-long-'));
  const { queueUrl } = sqs.createQueue(DLQ);
  sqs.createQueue(QUEUE);
  const client = sqsClient({ endpoint: sqs.address });
  // Every second one is invalid.
  const bodies = Array.from({ length: MESSAGES }, (_, n) => (n % 2 ? INVALID : orderBody({ order_id: `ORD${n}` })));
  const send = (chunk: readonly string[]) => {
    const Entries = chunk.map((MessageBody, n) => ({ Id: `${n}`, MessageBody }));
    return client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  };
  await pMap(chunksOf(bodies), send, { concurrency: 10 });
  client.destroy();
  const proxy = await startSqsProxy(sqs.address, async ({ action, body }, forward) => {
    await sleep(CALL_MS);
    const isFull = action === 'ReceiveMessage' && isLimited && messagesIn(DLQ).invisible >= IN_FLIGHT_LIMIT;
    return isFull ? { status: 200, body: '{}' } : forward(body);
  });
  endpoint = proxy.endpoint;
  stopProxy = proxy.stop;
});
afterAll(async () => {
  stopProxy();
  await Promise.all([sqs.stop(), server.stop(), rm(directory, { recursive: true })]);
});

/** The emulator moves messages whose timeouts have ended only when it is asked for some. */
function messagesIn(queue: string): { visible: number; invisible: number } {
  const { ready = [], inflight = [] } = sqs.inspectQueue(queue)?.messages ?? {};
  const invisible = inflight.filter(({ visibilityDeadline }) => visibilityDeadline > Date.now()).length;
  return { visible: ready.length + inflight.length - invisible, invisible };
}

const dlq = (...args: string[]) =>
  startScript('scripts/dlq.ts', [...args, '--endpoint', endpoint, '--redis', server.url]).result;

const idsIn = (text: string) => new Set(text.match(/(?<="messageId":")[^"]+/g)).size;

it(`lists ${MESSAGES} dead letters of a slow SQS and leaves them visible`, async () => {
  const { code, stdout, stderr } = await dlq('list', '--json');
  expect([code, stderr, idsIn(stdout)]).toEqual([0, '', MESSAGES]);
  expect(messagesIn(DLQ)).toEqual({ visible: MESSAGES, invisible: 0 });
});

it('redrives and purges them to the last one within the in-flight limit', async () => {
  isLimited = true;
  const first = await dlq('redrive', '--only', 'retryable');
  expect(first.code).toBe(1);
  expect(first.stdout).toMatch(/stay in orders-queue-dlq: about \d+ messages, not all of which were looked at/);
  expect(first.stderr).toMatch(/SQS counts about \d+ messages more that it did not hand out: /);
  const sentBack = messagesIn(QUEUE).visible;
  expect(messagesIn(DLQ)).toEqual({ visible: MESSAGES - sentBack, invisible: 0 });

  const to = join(directory, 'bad.jsonl');
  const purge = await dlq('purge', '--only', 'invalid', '--to', to);
  expect(purge.code).toBe(0);
  expect(idsIn(await readFile(to, 'utf8'))).toBe(MESSAGES / 2);
  expect(messagesIn(DLQ)).toEqual({ visible: MESSAGES / 2 - sentBack, invisible: 0 });

  const second = await dlq('redrive', '--only', 'retryable');
  expect(second.code).toBe(0);
  expect(second.stdout).toContain('stay in orders-queue-dlq: 0 messages');
  expect(messagesIn(DLQ)).toEqual({ visible: 0, invisible: 0 });
  expect(messagesIn(QUEUE)).toEqual({ visible: MESSAGES / 2, invisible: 0 });
});
