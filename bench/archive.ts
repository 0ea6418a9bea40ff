import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { startRedisServer } from '../dev/servers/redisServer.ts';
import { Archive } from '../lib/archive/archive.ts';
import { defineCheckpointScript } from '../lib/archive/checkpoint.ts';
import { replay } from '../lib/archive/replay.ts';
import { countOrders, defineCountingScript } from '../lib/counting/count.ts';
import { startRedisCluster } from '../tests/support/redisCluster.ts';
import { type Add, inRounds, type Options } from './figures.ts';
import { makeLoad, verifyTotals } from './load.ts';
import { orderOfRecord } from './peers/plain.ts';
import { type BenchRedis, empty, loadHandler, secondsOf, targetOf } from './target.ts';

/** Where the handler puts its orders, and what is replayed. */
const BUCKETS = { written: 'written', replayed: 'replayed' };
const AN_HOUR_MS = 60 * 60 * 1000;

/**
 * Counts the same orders alternately with and without the archive, and from the archive into an empty Redis or cluster. The totals
 * are verified each time. The emulator of S3 shares the cores of this machine; its CPU is not in the figures.
 */
export async function measureArchive({ rounds, orders }: Options, add: Add): Promise<void> {
  const s3 = await startS3();
  const load = makeLoad(orders, 100);
  const batches = load.batches.map(({ Records }) => Records.map(orderOfRecord));
  const archive = new Archive(BUCKETS.replayed, {});
  const since = Date.now() - AN_HOUR_MS;
  for (const [n, batch] of batches.entries()) await archive.put(batch, since + n, `request-${n}`);
  add('archiveBytes', 'one Redis', 'bytes', (await bytesIn(BUCKETS.replayed)) / orders);

  const server = await startRedisServer();
  const archiving = await loadHandler(server.url, BUCKETS.written);
  const one = await targetOf(server);
  const cluster = await targetOf(await startRedisCluster({ primaries: 3, replicasOfEach: 0 }));
  for (const { redis } of [one, cluster]) {
    defineCountingScript(redis);
    defineCheckpointScript(redis);
  }
  const countingInto = ({ redis }: BenchRedis) =>
    batches.map((batch) => async () => {
      await countOrders(redis, batch);
    });
  const replayInto = ({ redis }: BenchRedis, round: number) => [
    async () => {
      for await (const _ of replay(redis, archive, { run: `round ${round}` }));
    },
  ];
  await inRounds(rounds, add, async (add, round) => {
    const measure = async (
      target: BenchRedis,
      row: string,
      column: string,
      calls: readonly (() => Promise<void>)[],
    ) => {
      await empty(target);
      const before = process.cpuUsage();
      add('archive', row, column, orders / (await secondsOf(calls, 1)));
      const { user, system } = process.cpuUsage(before);
      add('archiveTime', row, column, (user + system) / orders);
      await verifyTotals(target.redis, load, `${row}, ${column}`);
    };
    await measure(
      one,
      'one Redis',
      'handler',
      load.batches.map((batch) => () => one.count(batch)),
    );
    await measure(
      one,
      'one Redis',
      'handler and archive',
      load.batches.map((batch) => () => archiving(batch)),
    );
    for (const [row, target] of Object.entries({ 'one Redis': one, 'cluster of 3': cluster })) {
      await measure(target, row, 'counting only', countingInto(target));
      await measure(target, row, 'rebuild', replayInto(target, round));
    }
  });
  await one.stop();
  await cluster.stop();
  s3.kill();
}

/** Ends when its input does, so at the latest with this process. */
const EMULATOR = `
import { startFauxqs } from 'fauxqs';
const { address } = await startFauxqs({ port: 0, logger: false, init: { buckets: ${JSON.stringify(Object.values(BUCKETS))} } });
console.log(address);
process.stdin.resume().once('end', () => process.exit());`;

/** Starts an S3 emulator with its own process, and makes the clients of this process use it. */
async function startS3(): Promise<ChildProcess> {
  const emulator = spawn(process.execPath, ['--input-type=module', '--eval', EMULATOR]);
  const [address] = await once(emulator.stdout, 'data');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: String(address).trim(),
    AWS_REGION: 'us-east-1',
    // A profile would take precedence over these credentials.
    AWS_PROFILE: '',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  });
  return emulator;
}

async function bytesIn(Bucket: string): Promise<number> {
  let bytes = 0;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: new S3Client({}) }, { Bucket })) {
    for (const { Size = 0 } of Contents) bytes += Size;
  }
  return bytes;
}
