import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { afterAll, expect, it } from 'vitest';
import { Code } from '../simulator/code.ts';
import { type Schedule, scheduleOf } from '../simulator/schedule.ts';
import { shrink } from '../simulator/shrink.ts';
import { type Outcome, simulate } from '../simulator/simulation.ts';
import { Targets } from '../simulator/target.ts';

const targets = new Targets();
afterAll(() => targets.stop());

const run = async (code: Code, schedule: Schedule): Promise<Outcome> =>
  simulate(schedule, code, await targets.prepare(schedule.target, schedule.start));

/** The ledger as it was in version 1: gone in the moment in which a period ends. */
const borderDefect: Plugin = {
  name: 'border defect',
  setup(build) {
    build.onLoad({ filter: /countScript\.ts$/ }, ({ path }) => {
      const [before, after, ...more] = readFileSync(path, 'utf8').split('(newest + KEPT_PERIODS) * PERIOD + DAY');
      if (after === undefined || more.length > 0) throw new Error('The script has changed: plant the defect elsewhere');
      return { contents: `${before}(period + 1) * PERIOD${after}`, loader: 'ts' };
    });
  },
};

it('in two runs of a seed the same happens, in those of two seeds does not', async () => {
  const code = await Code.load();
  const digests = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const schedule = scheduleOf(seed, undefined);
    const [first, again] = [await run(code, schedule), await run(code, schedule)];
    expect(first.failure, `seed ${seed}`).toBeUndefined();
    expect(again.digest, `seed ${seed}`).toBe(first.digest);
    digests.add(first.digest);
  }
  expect(digests.size).toBe(20);
});

it('a ledger that is gone where a period ends is found, and shown with a few messages', async () => {
  const code = await Code.load([borderDefect]);
  for (let seed = 1; ; seed++) {
    expect(seed).toBeLessThan(100);
    const schedule = scheduleOf(seed, undefined);
    const outcome = await run(code, schedule);
    if (outcome.failure === undefined) continue;
    const fails = async (candidate: Schedule) => (await run(code, candidate)).failure !== undefined;
    const small = await shrink(schedule, fails, outcome.length, 20_000);
    expect(await fails(small)).toBe(true);
    expect(small.messages.length).toBeLessThanOrEqual(4);
    expect(small.faults.length).toBeLessThanOrEqual(1);
    return;
  }
});
