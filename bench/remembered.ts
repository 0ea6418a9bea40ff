import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../dev/servers/redisServer.ts';
import { ledgerKey } from '../lib/stats/keys.ts';
import { usedMemory } from '../tests/support/redisInfo.ts';
import { type Add, inRounds, type Options } from './figures.ts';
import { fillLedger } from './fillLedger.ts';
import { makeLoad, verifyTotals } from './load.ts';
import { type BenchRedis, empty, rateOf, targetOf } from './target.ts';

const whole = (value: number): string => value.toLocaleString('en');

/**
 * Counts the same new orders alternately on two servers that differ only in their ledgers: one starts with many orders,
 * the other is deleted before each round. Both totals are verified after each round.
 */
export async function countBesideLedger(remembered: number, { rounds, orders }: Options, add: Add): Promise<void> {
  const targets = {
    remembered: await targetOf(await startRedisServer()),
    'not remembered': await targetOf(await startRedisServer()),
  };
  const { redis } = targets.remembered;
  await fillLedger(redis, remembered);
  // SAMPLES 0 measures every bucket.
  const bytes = Number(await redis.memory('USAGE', ledgerKey(''), 'SAMPLES', 0));
  add('memory', `order of ${whole(remembered)}`, 'bytes', bytes / remembered);
  const sum = { orders: 0, cents: 0 };
  await inRounds(rounds, add, async (add, round) => {
    const load = makeLoad(orders, 100, { first: round * orders });
    sum.orders += load.orders;
    sum.cents += load.cents;
    await targets['not remembered'].redis.del(ledgerKey(''));
    for (const [name, target] of Object.entries(targets)) {
      add('remembered', `ledger of ${whole(remembered)}`, name, await rateOf(target, load, 4));
      await verifyTotals(target.redis, sum, name);
    }
  });
  const [records] = (await redis.hget(ledgerKey(''), 'state'))?.split(' ') ?? [];
  if (Number(records) !== remembered + sum.orders) throw new Error(`The ledger holds ${records} orders`);
  for (const { stop } of Object.values(targets)) await stop();
}

/** Counts three months of orders, then new ones alternately there and in an empty Redis. */
export async function countBesideCounted(counted: number, { rounds, orders }: Options, add: Add): Promise<void> {
  const users = Math.ceil(counted / 10);
  const server = await startRedisServer();
  const [full, other] = [await targetOf(server), await targetOf(await startRedisServer())];
  await countAll(full, counted, users);
  await inRounds(rounds, add, async (add, round) => {
    const load = makeLoad(orders, 100, { first: counted + round * orders, users });
    await empty(other);
    const row = `${whole(counted)} orders counted`;
    add('remembered', row, 'remembered', await rateOf(full, load, 1));
    add('remembered', row, 'not remembered', await rateOf(other, load, 1));
    await verifyTotals(other.redis, load, row);
  });
  add('memory', 'user with 3 months', 'bytes', (await bytesBesideLedger(server)) / users);
  for (const { stop } of [full, other]) await stop();
}

async function countAll(target: BenchRedis, orders: number, users: number): Promise<void> {
  const portion = 20_000;
  for (let first = 0; first < orders; first += portion) {
    await rateOf(target, makeLoad(Math.min(portion, orders - first), 1000, { first, users }), 4);
  }
}

/** Bytes freed by deleting all keys but the ledger, the key table included. */
async function bytesBesideLedger({ url }: RedisServer): Promise<number> {
  const redis = new Redis(url);
  await redis.del(ledgerKey(''));
  const before = await usedMemory(redis);
  await redis.flushall();
  const bytes = before - (await usedMemory(redis));
  redis.disconnect();
  return bytes;
}
