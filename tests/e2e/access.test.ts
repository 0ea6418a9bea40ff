import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { findQueueUrl, sqsClient } from '../../scripts/shared/sqs.ts';
import { orderBody } from '../support/orderMessage.ts';
import { deploy, remove, succeeds } from './support/commands.ts';
import { apiUrlOf, endpoint, localStack } from './support/endpoint.ts';
import { redisUrl } from './support/redis.ts';

/* Stage `test`: what stages on AWS have, on LocalStack. The URL of Redis is in a secret, the statistics take an API key. */

const STAGE = 'test';
const SECRET = `orders/${STAGE}/redis-url`;
const OPEN = ['/health', '/openapi.json', '/dashboard'];
const WITH_KEY = ['/stats/global', '/top-users', '/users/U1/stats', '/overview', '/pipeline'];

const secrets = new SecretsManagerClient(localStack);
let key = '';

/** GET, with an API key if there is one. */
const get = (path: string, apiKey?: string): Promise<Response> =>
  fetch(apiUrlOf(STAGE) + path, apiKey ? { headers: { 'X-Api-Key': apiKey } } : {});

const deleteSecret = () =>
  secrets.send(new DeleteSecretCommand({ SecretId: SECRET, ForceDeleteWithoutRecovery: true }));

beforeAll(async () => {
  // Left by a run that was cut off.
  await deleteSecret().catch(() => {});
  await secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString: redisUrl }));
  const output = await succeeds(deploy(STAGE));
  key = /api keys:\s+orders-test: (\S+)/.exec(output)?.[1] ?? '';
});
afterAll(async () => {
  await succeeds(remove(STAGE));
  await deleteSecret();
});

it('the deployment prints an API key', () => {
  expect(key).toMatch(/^\w{20,}$/);
});

it('the functions reach the Redis whose URL is in the secret', async () => {
  await vi.waitFor(async () => expect((await get('/health')).status).toBe(200), { timeout: 30_000, interval: 500 });
});

it.each(OPEN)('%s is open', async (path) => {
  expect((await get(path)).status).toBe(200);
});

it.each(WITH_KEY)('%s answers only with the key, and preflights without', async (path) => {
  expect((await get(path)).status).toBe(403);
  expect((await get(path, 'no such key')).status).toBe(403);
  expect([200, 404]).toContain((await get(path, key)).status);
  const preflight = await fetch(apiUrlOf(STAGE) + path, { method: 'OPTIONS' });
  expect(preflight.status).toBe(200);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Api-Key');
});

it('an order in the queue of the stage counts for its user', async () => {
  const user = `user-${randomUUID()}`;
  const sqs = sqsClient({ endpoint });
  const MessageBody = orderBody({ order_id: randomUUID(), user_id: user });
  await sqs.send(new SendMessageCommand({ QueueUrl: await findQueueUrl(sqs, `orders-queue-${STAGE}`), MessageBody }));
  const counted = async () => {
    const answer = await get(`/users/${user}/stats`, key);
    expect(await answer.json()).toEqual({ user_id: user, order_count: 1, total_spend: 99.99 });
  };
  await vi.waitFor(counted, { timeout: 60_000, interval: 500 });
});

it('it is removed with all that its archive holds, and removing it once more finds nothing and is no error', async () => {
  // LocalStack itself empties a bucket only up to 1,000 objects.
  const put = (name: number) =>
    fetch(`${endpoint}/orders-archive-${STAGE}-000000000000/${name}`, { method: 'PUT', body: 'an object' });
  const answers = await pMap(Array.from({ length: 1001 }).keys(), put, { concurrency: 20 });
  expect(answers.filter(({ ok }) => !ok)).toEqual([]);
  await succeeds(remove(STAGE));
  const output = await succeeds(remove(STAGE));
  expect(output).toContain('There is no stack orders-test in us-east-1, so there is nothing to remove.');
});
