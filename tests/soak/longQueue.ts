import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import pMap from 'p-map';
import { onTestFinished } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { chunksOf } from '../../lib/sqs/chunks.ts';
import { sqsClient } from '../../scripts/shared/sqs.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startSqsProxy } from '../support/sqsProxy.ts';
import { type ScriptResult, startScript } from '../support/startScript.ts';

const QUEUE = 'orders-queue';
const DLQ = 'orders-queue-dlq';
const INVALID = '{"order_id":"BAD"}';
/** What each call of SQS takes. A command then runs for longer than the visibility timeout that it begins with. */
const CALL_MS = 200;

/** Dead letters in the queue. Every second one is invalid. */
export const MESSAGES = 40_000;

type Depth = { readonly visible: number; readonly invisible: number };

/** A long dead-letter queue. */
export type LongQueue = {
  dlq(...args: string[]): Promise<ScriptResult>;
  /** Messages that can be received, and those that cannot at present. */
  deadLetters(): Depth;
  /** Messages that were sent back. */
  orders(): Depth;
};

/**
 * Starts a slow SQS with {@link MESSAGES} dead letters, for one test.
 *
 * @param inFlightLimit how many messages the dead-letter queue hands out at most
 */
export async function startLongQueue(inFlightLimit = Number.POSITIVE_INFINITY): Promise<LongQueue> {
  const [sqs, redis] = await Promise.all([startFauxqs({ port: 0, logger: false }), startRedisServer()]);
  const { queueUrl } = sqs.createQueue(DLQ);
  sqs.createQueue(QUEUE);
  const client = sqsClient({ endpoint: sqs.address });
  const bodies = Array.from({ length: MESSAGES }, (_, n) => (n % 2 ? INVALID : orderBody({ order_id: `ORD${n}` })));
  const send = (chunk: readonly string[]) => {
    const Entries = chunk.map((MessageBody, n) => ({ Id: `${n}`, MessageBody }));
    return client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  };
  await pMap(chunksOf(bodies), send, { concurrency: 10 });
  client.destroy();

  // The emulator moves messages whose timeouts have ended only when it is asked for some.
  const messagesIn = (queue: string): Depth => {
    const { ready = [], inflight = [] } = sqs.inspectQueue(queue)?.messages ?? {};
    const invisible = inflight.filter(({ visibilityDeadline }) => visibilityDeadline > Date.now()).length;
    return { visible: ready.length + inflight.length - invisible, invisible };
  };
  const { endpoint, stop } = await startSqsProxy(sqs.address, async ({ action, body }, forward) => {
    await sleep(CALL_MS);
    const isFull = action === 'ReceiveMessage' && messagesIn(DLQ).invisible >= inFlightLimit;
    return isFull ? { status: 200, body: '{}' } : forward(body);
  });
  onTestFinished(async () => {
    stop();
    await Promise.all([sqs.stop(), redis.stop()]);
  });
  return {
    dlq: (...args) => startScript('scripts/dlq.ts', [...args, '--endpoint', endpoint, '--redis', redis.url]).result,
    deadLetters: () => messagesIn(DLQ),
    orders: () => messagesIn(QUEUE),
  };
}

/** How many messages are printed, or in a file. */
export const idsIn = (text: string): number => new Set(text.match(/(?<="messageId":")[^"]+/g)).size;
