import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { startRedisServer } from '../../scripts/local/redisServer.ts';
import { orderBody } from '../support/orderMessage.ts';
import { failedIds } from '../support/sqsEvent.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';
import { startWorkerProcess } from '../support/workerProcess.ts';

const eventOf = (id: string) => ({
  Records: [{ messageId: id, receiptHandle: id, body: orderBody({ order_id: id, user_id: id }) }],
});

it('the first batch after a freeze counts, where the connection was closed meanwhile or leads nowhere', async () => {
  // Closes what is idle for longer than a worker trusts its connection.
  const server = await startRedisServer({ settings: { timeout: 8 } });
  const silent = await startRedisServer();
  const proxy = await startTcpProxy(silent.port);
  const workers = await Promise.all(
    [server.url, `redis://127.0.0.1:${proxy.port}`].map((url) => startWorkerProcess(url)),
  );
  for (const worker of workers) await worker.deliver(eventOf('before'));
  for (const worker of workers) worker.signal('SIGSTOP');
  process.kill(silent.pid, 'SIGSTOP');
  proxy.leadTo(server.port);

  const connections = async () => {
    const redis = new Redis(server.url);
    const list = String(await redis.client('LIST'))
      .trim()
      .split('\n');
    redis.disconnect();
    return list;
  };
  await vi.waitFor(async () => expect(await connections()).toHaveLength(1), { timeout: 30_000, interval: 500 });

  for (const [n, worker] of workers.entries()) {
    worker.signal('SIGCONT');
    const [response] = await worker.deliver(eventOf(`after-${n}`));
    expect(failedIds(response)).toEqual([]);
    await worker.kill();
  }
  process.kill(silent.pid, 'SIGCONT');
  await Promise.all([proxy.stop(), server.stop(), silent.stop()]);
});
