import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisConnection } from '../../lib/redis/connection.ts';
import { pickNumber, type Random, seededRandom } from '../../scripts/shared/random.ts';
import { beginMigration } from '../cluster/support/migration.ts';
import { slotOfUser } from '../cluster/support/shards.ts';
import { type Clock, HOUR, startClock } from '../support/clock.ts';
import { LEDGER_PERIOD } from '../support/ledgerPeriod.ts';
import { type ClusterNode, type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';
import { trialMessages } from './messages.ts';
import { expectExact, expectNoneLost } from './model.ts';
import { runTrial } from './trial.ts';

/** A fourth of those on one Redis. */
const SCHEDULES = Math.ceil(Number(process.env.CHAOS_SCHEDULES ?? 200) / 4);
const LIMITS = { connectMs: 1000, commandMs: 300 };
/** To a node that is asked nothing for as long, another one is dead: longer than any clock is put forward here. */
const YEARS_10 = 10 * 365 * 24 * HOUR;

const FAULTS = [
  'hang',
  'fillUp',
  'cutConnections',
  'forgetScripts',
  'moveSlot',
  'moveSlot',
  'crossBorder',
  'turnBack',
] as const;

let clock: Clock;
let cluster: RedisCluster;

beforeAll(async () => {
  clock = await startClock();
  cluster = await startRedisCluster({ primaries: 3, replicasOfEach: 0, environment: clock.environment });
  await onEach(({ redis }) => redis.config('SET', 'cluster-node-timeout', YEARS_10));
});
afterAll(async () => {
  await cluster.stop();
  clock.remove();
});

const onEach = (act: (node: ClusterNode) => Promise<unknown>) => Promise.all(cluster.primaries.map(act));

/** The cluster, and what can happen to it: to a node that chance picks, or to all. */
function fragileCluster(random: Random, slots: readonly number[]) {
  const pick = <T>(list: readonly T[]): T => list[pickNumber(random, list.length)] ?? expect.fail('nothing to pick');
  return {
    url: cluster.url,
    async hang() {
      const { server } = pick(cluster.primaries);
      process.kill(server.pid, 'SIGSTOP');
      await sleep(LIMITS.commandMs + 100);
      process.kill(server.pid, 'SIGCONT');
    },
    async fillUp() {
      const { redis } = pick(cluster.primaries);
      await redis.config('SET', 'maxmemory', '1');
      await sleep(2);
      await redis.config('SET', 'maxmemory', '0');
    },
    async cutConnections() {
      await pick(cluster.primaries).redis.client('KILL', 'TYPE', 'NORMAL');
    },
    async forgetScripts() {
      await pick(cluster.primaries).redis.script('FLUSH');
    },
    async moveSlot() {
      const migration = await beginMigration(cluster, pick(slots));
      await migration.moveKeys(2);
      await migration.finish();
    },
    async crossBorder() {
      clock.set((Math.floor(clock.now() / LEDGER_PERIOD) + 1) * LEDGER_PERIOD - 2);
    },
    async turnBack() {
      clock.moveBy(-HOUR);
    },
  };
}

it(`on a cluster, ${SCHEDULES} random schedules of faults end exactly as the model says`, async () => {
  const firstSeed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000_000);
  console.log(`schedules on a cluster with the seeds ${firstSeed} to ${firstSeed + SCHEDULES - 1}`);
  for (let seed = firstSeed; seed < firstSeed + SCHEDULES; seed++) {
    const random = seededRandom(seed, 0);
    await onEach(({ redis }) => redis.flushall());
    clock.set(Date.now());
    const users = 5 + pickNumber(random, 20);
    const bodies = trialMessages(seed, {
      orders: 60 + pickNumber(random, 120),
      users,
      conflicts: 8,
      otherUsers: false,
    });
    const connection = new RedisConnection(cluster.url, { connectMs: 5000, commandMs: 5000 });
    const redis = await connection.open();
    const slots = Array.from({ length: users }, (_, n) => slotOfUser(redis, `U${n + 1}`));
    const faults = Array.from(
      { length: 1 + pickNumber(random, 3) },
      () => FAULTS[pickNumber(random, FAULTS.length)] ?? 'hang',
    );
    const options = { workers: 1 + pickNumber(random, 3), batchSize: 60, faults, limits: LIMITS };
    const settled = await runTrial(fragileCluster(random, slots), bodies, options, random);

    const what = `seed ${seed}: ${faults.join(', ')}`;
    connection.drop(redis);
    const fresh = await connection.open();
    await expectExact(fresh, settled, what);
    connection.drop(fresh);
    expectNoneLost(settled, what);
  }
}, 600_000);
