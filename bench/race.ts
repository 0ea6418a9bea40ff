import { Redis } from 'ioredis';
import { startRedisServer } from '../dev/servers/redisServer.ts';
import { countOrders, defineCountingScript } from '../lib/counting/count.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import { loadBundled } from './bundled.ts';
import { type Add, inRounds, type Options } from './figures.ts';
import { type Load, makeLoad, verifyTotals } from './load.ts';
import { isPowertoolsInstalled, orderOfRecord, type Peer } from './peers/plain.ts';
import { loadHandler, secondsOf } from './target.ts';

/** A way to count orders. */
type Contender = {
  readonly name: string;
  /** The share of a round's orders that it counts: slow contenders would take minutes for all. */
  readonly share: number;
  /** Whether totals must be right to the cent; sums of doubles drift. */
  readonly isExact: boolean;
  /** Does the work that is not measured. Returns a call per batch, which throws if an order was not counted. */
  prepare(load: Load): (() => Promise<void>)[];
};

const SHAPES = [
  { row: 'batch 10', batch: 10, inFlight: 1 },
  { row: 'batch 100', batch: 100, inFlight: 1 },
  { row: 'batch 1000', batch: 1000, inFlight: 1 },
  { row: 'batch 100, 4 in flight', batch: 100, inFlight: 4 },
];

/** Only these rows and columns. */
type Part = { readonly rows: readonly string[]; readonly contenders: readonly string[] };

/** Rounds are multiples of this, so that every shape has whole batches. */
const STEP = 1000;

/**
 * Measures contenders alternately, shape by shape: ours, and all peers whose packages are installed. Each starts with an empty
 * Redis and the same orders; its totals are verified.
 */
export async function race({ rounds, orders }: Options, add: Add, part?: Part): Promise<void> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  const { awaited, pipeline }: typeof import('./peers/plain.ts') = await loadBundled('bench/peers/plain.ts');
  const powertools = await connectPowertools(server.url);
  const contenders = [
    await handler(server.url),
    countingOnly(redis),
    peer('pipeline', 0.5, pipeline(redis)),
    peer('awaited', 0.1, awaited(redis)),
    ...(powertools ? [peer('Powertools', 0.25, powertools.count)] : []),
  ].filter(({ name }) => part?.contenders.includes(name) ?? true);
  const shapes = SHAPES.filter(({ row }) => part?.rows.includes(row) ?? true);
  await inRounds(rounds, add, async (add) => {
    for (const { row, batch, inFlight } of shapes) {
      for (const { name, share, isExact, prepare } of contenders) {
        const load = makeLoad(Math.max(Math.round((orders * share) / STEP), 1) * STEP, batch);
        const batches = prepare(load);
        await redis.flushall();
        await redis.config('RESETSTAT');
        add('race', row, name, load.orders / (await secondsOf(batches, inFlight)));
        add('redisTime', row, name, (await microsecondsInRedis(redis)) / load.orders);
        await verifyTotals(redis, load, name, isExact);
      }
    }
  });
  powertools?.close();
  redis.disconnect();
  await server.stop();
}

async function handler(url: string): Promise<Contender> {
  const count = await loadHandler(url);
  const prepare = ({ batches }: Load) => batches.map((batch) => () => count(batch));
  return { name: 'handler', share: 1, isExact: true, prepare };
}

/** Counting alone: no JSON, no validation, no response to the queue. */
function countingOnly(redis: Redis): Contender {
  defineCountingScript(redis);
  const prepare = ({ batches }: Load) =>
    batches.map(({ Records }) => {
      const orders = Records.map(orderOfRecord);
      return async () => {
        const verdicts = await countOrders(redis, orders);
        if (!verdicts.every(({ kind }) => kind === 'counted')) throw new Error('Not all orders were counted');
      };
    });
  return { name: 'counting only', share: 1, isExact: true, prepare };
}

function peer(name: string, share: number, count: Peer): Contender {
  const prepare = ({ batches }: Load) =>
    batches.map(({ Records }) => async () => {
      const { batchItemFailures } = await count(Records, lambdaContext);
      if (batchItemFailures.length > 0) throw new Error('Not all orders were counted');
    });
  return { name, share, isExact: false, prepare };
}

async function connectPowertools(url: string): Promise<{ count: Peer; close(): void } | undefined> {
  if (!isPowertoolsInstalled()) return undefined;
  const { connect } = await loadBundled('bench/peers/powertools.ts');
  return connect(url);
}

/** Time that Redis spent in commands. A script's time includes its commands, which are also listed separately. */
async function microsecondsInRedis(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  const commands = Array.from(stats.matchAll(/^cmdstat_(\S+):calls=\d+,usec=(\d+)/gm), ([, name = '', usec]) => ({
    name,
    usec: Number(usec),
  }));
  const scripts = commands.filter(({ name }) => name === 'evalsha' || name === 'eval');
  const counted = scripts.length > 0 ? scripts : commands.filter(({ name }) => !/^(info|config)/.test(name));
  return counted.reduce((sum, { usec }) => sum + usec, 0);
}
