import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { startFunctionProcess } from '../support/functionProcess.ts';
import { orderBody } from '../support/orderMessage.ts';
import { getEvent } from '../support/readFunction.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

/** Longer than a connection is trusted, in milliseconds. */
const PAUSE = 200;

const batch = (id: string) => ({
  Records: [{ messageId: id, receiptHandle: id, body: orderBody({ order_id: id, user_id: id }) }],
});
const counted = { batchItemFailures: [] };

const request = () => getEvent(null);
const answered = { statusCode: 200 };

it.each([
  ['processOrders', 'closed', batch, counted],
  ['processOrders', 'reset', batch, counted],
  ['processOrders', 'silent', batch, counted],
  ['getGlobalStats', 'closed', request, answered],
  ['getGlobalStats', 'reset', request, answered],
  ['getGlobalStats', 'silent', request, answered],
] as const)(
  'the first call of %s after a freeze succeeds although its connection was %s',
  async (name, lost, event, success) => {
    const server = await startRedisServer();
    const proxy = await startTcpProxy(server.port);
    const container = await startFunctionProcess(name, `redis://127.0.0.1:${proxy.port}`);
    onTestFinished(async () => {
      await Promise.all([container.kill(), proxy.stop(), server.stop()]);
    });
    expect(await container.deliver(event('before'))).toMatchObject([success]);

    container.signal('SIGSTOP');
    proxy.lose(lost);
    await sleep(PAUSE);
    container.signal('SIGCONT');
    expect(await container.deliver(event('after'))).toMatchObject([success]);
  },
);
