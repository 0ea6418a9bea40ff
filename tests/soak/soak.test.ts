import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import Table from 'cli-table3';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { generateMessages, mixOf } from '../../scripts/shared/generator.ts';
import { type Clock, LEDGER_PERIOD, startClock } from '../support/clock.ts';
import { type FunctionProcess, startWorkerProcess } from '../support/functionProcess.ts';
import { rememberedOrders } from '../support/ledgerContent.ts';
import { messagesOf } from '../support/queueMessages.ts';
import { usedMemory } from '../support/redisInfo.ts';
import { startScript } from '../support/startScript.ts';

/** Messages in all, duplicates included. */
const MESSAGES = Number(process.env.SOAK_ORDERS || 5_000_000);
const PERIODS = 10;
/** Periods whose orders are remembered at least: one period and 30 days. */
const KEPT = 4;
const MIX = { count: Math.floor(MESSAGES / PERIODS), duplicates: 0.05, invalid: 0 };
const ORDERS = mixOf(MIX)?.valid ?? 0;
/** So few that each has orders in every month after the first period, and totals take no more memory from then on. */
const USERS = MESSAGES / 500;
const BATCH = 100;

/** How things stand at the end of a period; memory in bytes. */
type Sample = { readonly remembered: number; readonly redis: number; readonly worker: number };

const folder = mkdtempSync(join(tmpdir(), 'orders-soak-'));
const file = join(folder, 'orders.jsonl');
let clock: Clock;
let server: RedisServer;
let redis: Redis;
let worker: FunctionProcess;

beforeAll(async () => {
  clock = await startClock();
  server = await startRedisServer({ environment: clock.environment });
  redis = new Redis(server.url);
  worker = await startWorkerProcess(server.url);
});
afterAll(async () => {
  await worker.kill();
  redis.disconnect();
  await server.stop();
  clock.remove();
  rmSync(folder, { recursive: true });
});

it(`${MESSAGES} messages over 100 days: every total is right, and memory grows only by what is remembered`, async () => {
  const written = createWriteStream(file);
  const samples: Sample[] = [];
  for (let period = 0; period < PERIODS; period++) {
    for (const batch of batchesOf(period)) {
      await deliver(batch);
      if (!written.write(`${batch.join('\n')}\n`)) await once(written, 'drain');
    }
    await deliverAgain(period - KEPT + 1);
    samples.push(await takeSample());
    clock.moveBy(LEDGER_PERIOD);
  }
  written.end();
  await finished(written);
  console.log(describeSamples(samples));

  expect(samples.map(({ remembered }) => remembered)).toEqual(
    samples.map((_, period) => Math.min(period + 1, KEPT) * ORDERS + longRemembered(period)),
  );
  const middle = samples[PERIODS / 2];
  const last = samples.at(-1);
  expect(last?.redis).toBeLessThan((middle?.redis ?? 0) * 1.02);
  expect(last?.worker).toBeLessThan((middle?.worker ?? 0) * 1.1);

  const { code, stdout, stderr } = await startScript('scripts/verify.ts', ['--file', file, '--redis', server.url])
    .result;
  expect(code, stdout + stderr).toBe(0);
});

/** The messages of a period in batches: orders, and duplicates of them. */
function* batchesOf(period: number): Generator<string[]> {
  let batch: string[] = [];
  for (const { body } of generateMessages({ ...MIX, day: '2026-11-24', seed: period, users: USERS })) {
    batch.push(body);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function deliver(batch: readonly string[]): Promise<void> {
  expect(await worker.deliver({ Records: messagesOf(batch) })).toEqual([{ batchItemFailures: [] }]);
}

/** Redelivers the first batch of a period; all of it must still be remembered. */
async function deliverAgain(period: number): Promise<void> {
  if (period < 0) return;
  const before = await redis.hget('global:stats', 'total_orders');
  const [batch] = batchesOf(period);
  await deliver(batch ?? []);
  expect(await redis.hget('global:stats', 'total_orders')).toBe(before);
}

/** Orders remembered in a period only because they came again since: they are remembered for as long as new ones. */
function longRemembered(period: number): number {
  let orders = 0;
  for (let old = Math.max(0, period - 2 * (KEPT - 1)); old <= period - KEPT; old++) {
    const [batch] = batchesOf(old);
    orders += new Set(batch).size;
  }
  return orders;
}

async function takeSample(): Promise<Sample> {
  return { remembered: await rememberedOrders(redis), redis: await usedMemory(redis), worker: worker.rss() };
}

function describeSamples(samples: readonly Sample[]): string {
  const table = new Table({ head: ['day', 'orders remembered', 'Redis, MB', 'worker, MB'], style: { head: [] } });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  for (const [period, { remembered, redis: used, worker: rss }] of samples.entries()) {
    table.push([(period + 1) * 10, remembered, megabytes(used), megabytes(rss)]);
  }
  return table.toString();
}
