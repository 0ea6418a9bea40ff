import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { countOrders, defineCountingScript } from '../../lib/counting/count.ts';
import { seededRandom } from '../../scripts/shared/random.ts';
import { startArchive, type TestArchive } from '../support/archive.ts';
import { expectExact } from '../support/expectModel.ts';
import { loadReplay, type Replay } from '../support/loadReplay.ts';
import { type Deliver, loadWorker } from '../support/loadWorker.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { failedIds } from '../support/sqsEvent.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcpProxy.ts';
import { type FallibleRedis, SETUPS } from './setups.ts';

/*
 * What Redis loses in an outage, and what is missing after the next replay. `LOSSES=100` measures the table of
 * docs/operations.md, and shows it.
 */

const LOSSES = Number(process.env.LOSSES ?? 2);
const CONTAINERS = 4;
const BATCH = 100;
const USERS = 997;
/** Longest time until the loss, in milliseconds. */
const LONGEST_MS = 300;
/** How long orders come in afterwards. */
const AFTER_MS = 50;

let archive: TestArchive;
let proxy: TcpProxy;
let workers: Deliver[];
let replay: Replay;
const random = seededRandom(Date.now() | 0, 0);
const table = new Table({
  head: ['Redis', 'losses', 'acknowledged', 'lost', 'most at once', 'missing after the replay'],
  style: { head: [], border: [] },
});

beforeAll(async () => {
  [archive, proxy] = await Promise.all([startArchive(), startTcpProxy(0)]);
  const environment = {
    ...archive.environment,
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    // Where no SQS answers.
    QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  };
  workers = [];
  for (let n = 0; n < CONTAINERS; n++) workers.push(await loadWorker(environment));
  replay = await loadReplay(environment);
});
afterAll(async () => {
  await Promise.all([archive.stop(), proxy.stop()]);
  vi.unstubAllEnvs();
  if (process.env.LOSSES) console.log(table.toString());
});

/** Containers count orders until it is over. @returns the bodies of all, and those whose messages SQS would have deleted */
async function countUntil(isOver: () => boolean): Promise<{ all: string[]; acknowledged: string[] }> {
  const [all, acknowledged]: [string[], string[]] = [[], []];
  await Promise.all(
    workers.map(async (worker, container) => {
      for (let batch = 0; !isOver(); batch++) {
        const bodies = Array.from({ length: BATCH }, (_, n) =>
          orderBody({ order_id: `O${container}-${batch}-${n}`, user_id: `U${(batch * BATCH + n) % USERS}` }),
        );
        all.push(...bodies);
        const messages = messagesOf(bodies);
        const failed = new Set(failedIds(await worker({ Records: messages }, `${container}-${batch}`)));
        acknowledged.push(...bodies.filter((_, n) => !failed.has(messages[n]?.messageId ?? '')));
      }
    }),
  );
  return { all, acknowledged };
}

/** Those of the orders that Redis has not counted. */
async function missingIn(redis: Redis, bodies: readonly string[]): Promise<Set<string>> {
  const verdicts = await countOrders(
    redis,
    bodies.map((body) => orderOf(body)),
    'look',
  );
  return new Set(bodies.filter((_, n) => verdicts[n]?.kind === 'counted'));
}

async function lose(fallible: FallibleRedis) {
  proxy.leadTo(fallible.port);
  archive.clear();
  let isOver = false;
  const counting = countUntil(() => isOver);
  await sleep(random() * LONGEST_MS);
  const port = await fallible.fail();
  proxy.leadTo(port);
  proxy.lose('closed');
  await sleep(AFTER_MS);
  isOver = true;
  const { all, acknowledged } = await counting;

  const redis = new Redis(port);
  defineCountingScript(redis);
  const lost = await missingIn(redis, acknowledged);
  await replay();
  const missing = await missingIn(redis, all);
  // Each order that counts, counts once, those included that nobody acknowledged.
  await expectExact(
    redis,
    all.filter((body) => !missing.has(body)).map((body) => ({ body, fate: 'counted' })),
  );
  redis.disconnect();
  const never = acknowledged.filter((body) => missing.has(body)).length;
  return { acknowledged: acknowledged.length, lost: lost.size, missing: never };
}

it.each(Object.entries(SETUPS))(
  '%s: after the next replay no acknowledged order is missing, and none counts twice',
  async (name, start) => {
    const results: Awaited<ReturnType<typeof lose>>[] = [];
    while (results.length < LOSSES) {
      const fallible = await start();
      results.push(await lose(fallible).finally(() => fallible.stop()));
    }
    const sum = (field: 'acknowledged' | 'lost' | 'missing') => results.reduce((total, one) => total + one[field], 0);
    const most = Math.max(...results.map(({ lost }) => lost));
    table.push([name, LOSSES, sum('acknowledged'), sum('lost'), most, sum('missing')]);
    expect(sum('acknowledged')).toBeGreaterThan(0);
    expect(sum('missing')).toBe(0);
  },
  60_000 + LOSSES * 10_000,
);
