import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../dev/start/emulator.ts';
import { startTemporaryRedis } from '../support/temporaryRedis.ts';

/* `serverless invoke local`, with whatever answers on this machine. */

const BUCKET = 'orders-archive-local-000000000000';

/** Runs the worker with one order. @returns what it writes to stderr, and how many orders Redis has then */
async function invokeWorker(endpoint: string): Promise<{ stderr: string; orders: string | null }> {
  const { redis, url } = await startTemporaryRedis();
  const { NODE_ENV, VITEST, ...env } = process.env;
  const args = ['serverless', 'invoke', 'local', '-f', 'processOrders', '-p', 'events/processOrders-single.json'];
  const options = { env: { ...env, AWS_ENDPOINT_URL: endpoint, REDIS_URL: url } };
  const { stderr } = await promisify(execFile)('npx', args, options);
  return { stderr, orders: await redis.hget('global:stats', 'total_orders') };
}

it('without S3 in reach, an order is counted without an archive, and one line says so', async () => {
  const endpoint = `http://localhost:${await getPort()}`;
  const { stderr, orders } = await invokeWorker(endpoint);
  expect(orders).toBe('1');
  expect(stderr).toContain(`There is no bucket ${BUCKET} at ${endpoint}: orders are counted without an archive.\n`);
});

it('an order is archived where the bucket is', async () => {
  const { endpoint, stop } = await startEmulator([], BUCKET);
  onTestFinished(stop);
  const { stderr, orders } = await invokeWorker(endpoint);
  expect(orders).toBe('1');
  expect(stderr).not.toContain('bucket');
  const list = await fetch(`${endpoint}/${BUCKET}?list-type=2`);
  expect(await list.text()).toMatch(/<Key>orders\/date=[^<]+\.jsonl\.gz<\/Key>/);
});
