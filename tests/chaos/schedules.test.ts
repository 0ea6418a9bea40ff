import { afterAll, beforeAll, expect, it } from 'vitest';
import { pickNumber, seededRandom } from '../../scripts/shared/random.ts';
import { startClock } from '../support/clock.ts';
import { FAULTS, FragileRedis } from './faults.ts';
import { trialMessages } from './messages.ts';
import { expectExact, expectNoneLost } from './model.ts';
import { runTrial } from './trial.ts';

const SCHEDULES = Number(process.env.CHAOS_SCHEDULES ?? 200);

let fragile: FragileRedis;

beforeAll(async () => {
  fragile = await FragileRedis.start(await startClock());
});
afterAll(() => fragile.stop());

it(`${SCHEDULES} random schedules of faults end exactly as the model says`, async () => {
  // Another run tries other schedules; CHAOS_SEED repeats one.
  const firstSeed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000_000);
  console.log(
    `schedules with the seeds ${firstSeed} to ${firstSeed + SCHEDULES - 1}; CHAOS_SEED=${firstSeed} repeats them`,
  );
  for (let seed = firstSeed; seed < firstSeed + SCHEDULES; seed++) {
    const random = seededRandom(seed, 0);
    await fragile.clear();
    const bodies = trialMessages(seed, {
      orders: 60 + pickNumber(random, 120),
      users: 1 + pickNumber(random, 20),
      conflicts: 8,
    });
    const faults = Array.from(
      { length: 1 + pickNumber(random, 4) },
      () => FAULTS[pickNumber(random, FAULTS.length)] ?? 'kill',
    );
    // Four borders are 30 days or more: orders of before may be forgotten then.
    if (faults[3] === 'crossBorder') faults[3] = 'turnBack';
    const options = { workers: 1 + pickNumber(random, 4), batchSize: 60, faults };
    const settled = await runTrial(fragile, bodies, options, random);

    const what = `seed ${seed}: ${faults.join(', ')}`;
    await expectExact(fragile.redis, settled, what);
    expectNoneLost(settled, what);
    expect(settled.filter(({ fate }) => fate === 'rejected').length, what).toBeGreaterThanOrEqual(8);
  }
}, 600_000);
