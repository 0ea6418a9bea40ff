import { afterAll, expect, it, vi } from 'vitest';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { startArchive } from '../support/archive.ts';
import { connectTo } from '../support/deliver.ts';
import { expectExact } from '../support/expectModel.ts';
import { loadReplay } from '../support/loadReplay.ts';
import { type Deliver, loadWorker } from '../support/loadWorker.ts';
import { orderBody } from '../support/orderMessage.ts';
import { startRedisCluster } from '../support/redisCluster.ts';
import { runReplay, runVerify } from '../support/runCommand.ts';
import { failedIds, startQueue } from '../support/sqsEvent.ts';

const DAY_MS = 86_400_000;

const [server, other, cluster, queue, archive] = await Promise.all([
  startRedisServer(),
  startRedisServer(),
  startRedisCluster({ primaries: 3, replicasOfEach: 0 }),
  startQueue(),
  startArchive(),
]);
afterAll(async () => {
  await Promise.all([server, other, cluster, queue, archive].map((place) => place.stop()));
  vi.unstubAllEnvs();
});

type Place = { readonly url: string };

const environmentOf = ({ url }: Place) => ({
  REDIS_URL: url,
  ...queue.environment,
  ...archive.environment,
  POWERTOOLS_METRICS_DISABLED: 'true',
});
const toolsAt = (place: Place) => ({ ...environmentOf(place), AWS_ENDPOINT_URL: archive.endpoint });

/** Order number n, placed within the last 20 days. Each version has another value, and every fifth version 2 cancels. */
function numberedOrder(n: number, version: number): string {
  const price = (1000 + n * 37 + version * 1009) / 100;
  return orderBody({
    order_id: `ORD${n}`,
    user_id: `U${n % 50}`,
    order_timestamp: new Date(Date.now() - (n % 20) * DAY_MS).toISOString().replace(/T.*/, 'T12:00:00Z'),
    order_value: price,
    items: [{ product_id: 'P001', quantity: 1, price_per_unit: price }],
    order_version: version,
    order_status: version === 2 && n % 5 === 0 ? 'cancelled' : 'placed',
  });
}

/** All messages so far. */
const sent: string[] = [];

/** Ten new orders, and later versions of five earlier ones. */
function more(): string[] {
  const first = Math.ceil(sent.length / 15) * 10;
  const bodies = Array.from({ length: 10 }, (_, n) => numberedOrder(first + n, 1));
  for (let n = Math.max(0, first - 10); n < first; n += 2) bodies.push(numberedOrder(n, 2));
  sent.push(...bodies);
  return bodies;
}

async function deliver(worker: Deliver, bodies: readonly string[]): Promise<void> {
  await queue.send(bodies);
  expect(failedIds(await worker(await queue.receive()))).toEqual([]);
}

/** Delivers new orders, and all messages again, until it is stopped. */
function startTraffic(worker: Deliver): () => Promise<number> {
  let isStopped = false;
  const running = (async () => {
    let batches = 0;
    for (; !isStopped; batches++) await deliver(worker, [...more(), ...sent]);
    return batches;
  })();
  return () => {
    isStopped = true;
    return running;
  };
}

async function move(from: Place, to: Place): Promise<void> {
  const stopTraffic = startTraffic(await loadWorker(environmentOf(from)));
  const { code, stdout, stderr } = await runReplay(['--into', to.url], toolsAt(from));
  expect(await stopTraffic()).toBeGreaterThan(0);
  expect(stdout, stderr).toContain('\nNo difference: ');
  expect(code).toBe(0);

  // REDIS_URL names the new place, which does not know yet what was counted meanwhile.
  await deliver(await loadWorker(environmentOf(to)), [...more(), ...sent.slice(0, sent.length / 2)]);
  const replay = await loadReplay(environmentOf(to));
  await replay();
  expect(await runVerify(['--archive'], toolsAt(to))).toMatchObject({ code: 0 });
  const connection = connectTo(to);
  const redis = await connection.open();
  await expectExact(
    redis,
    sent.map((body) => ({ body, fate: 'counted' })),
  );
  connection.drop(redis);
}

it('from one Redis to a cluster, and from there to one Redis, while orders are counted and all messages come again', async () => {
  const worker = await loadWorker(environmentOf(server));
  for (let batch = 0; batch < 20; batch++) await deliver(worker, more());
  await move(server, cluster);
  await move(cluster, other);
});
