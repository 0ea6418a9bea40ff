import getPort from 'get-port';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { newCertificate } from '../support/certificate.ts';
import { startWorkerProcess } from '../support/functionProcess.ts';
import { orderBody } from '../support/orderMessage.ts';
import { failedIds } from '../support/sqsEvent.ts';

/* Redis as in prod: TLS, a user and a password. Workers are processes: Node.js reads trusted certificates when it starts. */

const { certificate, key } = newCertificate('IP:127.0.0.1');
const event = { Records: [{ messageId: 'm1', receiptHandle: 'r1', body: orderBody() }] };

let server: RedisServer;
let redis: Redis;
let tlsPort: number;

beforeAll(async () => {
  tlsPort = await getPort({ host: '127.0.0.1' });
  const tls = { 'tls-port': tlsPort, 'tls-cert-file': certificate, 'tls-key-file': key, 'tls-auth-clients': 'no' };
  server = await startRedisServer({ settings: tls });
  redis = new Redis(server.url);
  await redis.acl('SETUSER', 'orders', 'on', '>secret', '~*', '+@all');
  // This connection stays what it is.
  await redis.acl('SETUSER', 'default', 'off');
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Hands an order to a worker that has this password, and trusts the certificate or not. */
async function failuresOf(password: string, trusted: boolean): Promise<string[]> {
  const trust = trusted ? { NODE_EXTRA_CA_CERTS: certificate } : {};
  const worker = await startWorkerProcess(`rediss://orders:${password}@127.0.0.1:${tlsPort}`, trust);
  const [response] = await worker.deliver(event);
  await worker.kill();
  return failedIds(response);
}

it('no order counts over TLS that is not trusted, or with a wrong password', async () => {
  expect(await failuresOf('secret', false)).toEqual(['m1']);
  expect(await failuresOf('wrong', true)).toEqual(['m1']);
  expect(await redis.dbsize()).toBe(0);
});

it('an order counts over TLS with the right password', async () => {
  expect(await failuresOf('secret', true)).toEqual([]);
  expect(await redis.hgetall('global:stats')).toEqual({
    total_orders: '1',
    total_revenue: '99.99',
    '2024-12': '1 99.99',
  });
});
