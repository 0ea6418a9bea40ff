import { Redis } from 'ioredis';
import { startRedisServer } from '../scripts/shared/redisServer.ts';
import { loadContenders } from './contenders.ts';
import { type Add, inRounds } from './figures.ts';
import type { Options } from './options.ts';
import { makeLoad, verifyTotals } from './orders.ts';
import { secondsOf } from './target.ts';

const SHAPES = [
  { row: 'batch 10', batch: 10, inFlight: 1 },
  { row: 'batch 100', batch: 100, inFlight: 1 },
  { row: 'batch 1000', batch: 1000, inFlight: 1 },
  { row: 'batch 100, 4 in flight', batch: 100, inFlight: 4 },
];

/** So that all shapes have whole batches. */
const STEP = 1000;

/**
 * Lets contenders take turns, shape by shape. Each starts with an empty Redis and the same orders; its totals are
 * verified.
 */
export async function race({ rounds, orders }: Options, add: Add): Promise<void> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  const contenders = await loadContenders(server.url);
  await inRounds(rounds, add, async (add) => {
    for (const { row, batch, inFlight } of SHAPES) {
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
  for (const { close } of contenders) close();
  redis.disconnect();
  await server.stop();
}

/** Time that Redis spent in commands. That of a script includes the commands it calls, which are listed once more. */
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
