import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { SERVERLESS } from '../../dev/checks/package.ts';
import { startEmulator } from '../../dev/start/emulator.ts';
import { startTemporaryRedis } from '../support/temporaryRedis.ts';

/* `serverless invoke local`, with whatever answers on this machine. */

const BUCKET = 'orders-archive-local-000000000000';

const folder = mkdtempSync(join(tmpdir(), 'orders-invoke-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the worker with one order. @returns what it writes to stderr, and how many orders Redis has then */
async function invokeWorker(environment: NodeJS.ProcessEnv): Promise<{ stderr: string; orders: string | null }> {
  const { redis, url } = await startTemporaryRedis();
  const { NODE_ENV, VITEST, ...env } = process.env;
  const args = ['invoke', 'local', '-f', 'processOrders', '-p', 'events/processOrders-single.json'];
  const options = { env: { ...env, REDIS_URL: url, NPM_START_FILE: join(folder, 'none.json'), ...environment } };
  const { stderr } = await promisify(execFile)(SERVERLESS, args, options);
  return { stderr, orders: await redis.hget('global:stats', 'total_orders') };
}

/** A file that names this process as the running `npm start`. */
function stackFile(sqsEndpoint: string, redisUrl: string): string {
  const file = join(folder, 'stack.json');
  const queueUrl = `${sqsEndpoint}/000000000000/orders-queue`;
  const places = { redisUrl, queueUrl, sqsEndpoint, archiveBucket: BUCKET, apiUrl: 'http://localhost:3000' };
  writeFileSync(file, JSON.stringify({ pid: process.pid, ...places, timeZone: 'UTC', currency: 'USD' }));
  return file;
}

async function archivedAt(endpoint: string): Promise<string> {
  const list = await fetch(`${endpoint}/${BUCKET}?list-type=2`);
  return list.text();
}

it('without S3 in reach, an order is counted without an archive, and one line says so', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  const { stderr, orders } = await invokeWorker({ AWS_ENDPOINT_URL: endpoint });
  expect(orders).toBe('1');
  expect(stderr).toContain(`There is no bucket ${BUCKET} at ${endpoint}: orders are counted without an archive.\n`);
});

it('an order is archived where the bucket is', async () => {
  const { endpoint, stop } = await startEmulator([], BUCKET);
  onTestFinished(stop);
  const { stderr, orders } = await invokeWorker({ AWS_ENDPOINT_URL: endpoint });
  expect(orders).toBe('1');
  expect(stderr).not.toContain('bucket');
  expect(await archivedAt(endpoint)).toMatch(/<Key>orders\/date=[^<]+\.jsonl\.gz<\/Key>/);
});

it('while npm start runs, an order is counted and archived there', async () => {
  const { endpoint, stop } = await startEmulator([], BUCKET);
  onTestFinished(stop);
  const ofNpmStart = await startTemporaryRedis();
  const NPM_START_FILE = stackFile(endpoint, ofNpmStart.url);
  const { stderr, orders } = await invokeWorker({ REDIS_URL: '', AWS_ENDPOINT_URL: '', NPM_START_FILE });
  expect(orders).toBe(null);
  expect(await ofNpmStart.redis.hget('global:stats', 'total_orders')).toBe('1');
  expect(await archivedAt(endpoint)).toContain('<Key>');
  expect(stderr).toMatch(/^Using Redis 127\.0\.0\.1:\d+ \(running npm start\)$/m);
});

it('the archive of npm start gets no order that another Redis counts', async () => {
  const { endpoint, stop } = await startEmulator([], BUCKET);
  onTestFinished(stop);
  const NPM_START_FILE = stackFile(endpoint, 'redis://127.0.0.1:1');
  const { orders } = await invokeWorker({ AWS_ENDPOINT_URL: '', NPM_START_FILE });
  expect(orders).toBe('1');
  expect(await archivedAt(endpoint)).not.toContain('<Key>');
});
