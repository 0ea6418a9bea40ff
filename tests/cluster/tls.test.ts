import getPort from 'get-port';
import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { newCertificate } from '../support/certificate.ts';
import { startWorkerProcess } from '../support/functionProcess.ts';
import { orderBody } from '../support/orderMessage.ts';
import { failedIds } from '../support/sqsEvent.ts';
import { nodesOf, visibleContent } from '../support/storedContent.ts';

const event = { Records: [{ messageId: 'm1', receiptHandle: 'r1', body: orderBody() }] };

it('an order counts on a cluster like ElastiCache, with TLS, user, password and named nodes', async () => {
  const { certificate, key } = newCertificate('DNS:localhost');
  const [bus, tlsPort] = [await getPort({ host: '127.0.0.1' }), await getPort({ host: '127.0.0.1' })];
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': bus,
    'cluster-announce-hostname': 'localhost',
    'cluster-preferred-endpoint-type': 'hostname',
    'tls-cluster': 'yes',
    'tls-port': tlsPort,
    'tls-cert-file': certificate,
    'tls-key-file': key,
    'tls-ca-cert-file': certificate,
    'tls-auth-clients': 'no',
  };
  const server = await startRedisServer({ settings });
  const redis = new Redis(server.url);
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await vi.waitFor(async () => expect(await redis.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'), 30_000);
  await redis.acl('SETUSER', 'orders', 'on', '>sec,ret', '~*', '+@all');
  // This connection stays authenticated.
  await redis.acl('SETUSER', 'default', 'off');

  const failuresOf = async (password: string, trust: Record<string, string>) => {
    const worker = await startWorkerProcess(`rediss+cluster://orders:${password}@localhost:${tlsPort}`, trust);
    const [response] = await worker.deliver(event);
    await worker.kill();
    return failedIds(response);
  };
  const trust = { NODE_EXTRA_CA_CERTS: certificate };
  expect(await failuresOf('sec,ret', {})).toEqual(['m1']);
  expect(await failuresOf('wrong', trust)).toEqual(['m1']);
  expect(await redis.dbsize()).toBe(0);
  expect(await failuresOf('sec%2Cret', trust)).toEqual([]);
  const stats = [...(await visibleContent(nodesOf(redis)))].filter(([key]) => key.endsWith('global:stats'));
  expect(stats.map(([, hash]) => hash)).toEqual([{ total_orders: '1', total_revenue: '99.99', '2024-12': '1 99.99' }]);

  redis.disconnect();
  await server.stop();
});
