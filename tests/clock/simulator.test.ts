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

const run = async (code: Code, schedule: Schedule, servers = targets): Promise<Outcome> =>
  simulate(schedule, code, await servers.prepare(schedule.target, schedule.start));

const DAY = 86_400_000;

/** A defect of version 1: the ledger expired at the moment when a period ends. */
const borderDefect: Plugin = {
  name: 'border defect',
  setup(build) {
    build.onLoad({ filter: /count\.lua$/ }, ({ path }) => {
      const [before, after, ...more] = readFileSync(path, 'utf8').split(
        '(newest + KEPT_PERIODS) * PERIOD + REMEMBERED',
      );
      if (after === undefined || more.length > 0) throw new Error('The script has changed: plant the defect elsewhere');
      return { contents: `${before}(period + 1) * PERIOD${after}`, loader: 'text' };
    });
  },
};

it('the same seed gives the same run, another seed another run', async () => {
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

it.each([
  ['one Redis', 1],
  ['one Redis that writes to disk', 25],
  ['a Redis with a replica', 45],
  ['a cluster with a node that gets the script late', 715],
  ['a cluster that a command does not reach', 207870206],
])('on %s, a run is the same on new servers and on servers left in the middle of faults', async (_, seed) => {
  const code = await Code.load();
  const schedule = scheduleOf(seed, undefined);
  const wrong: Schedule = {
    ...schedule,
    faults: [
      { kind: 'out of memory', ms: 90 * DAY, at: 0 },
      { kind: 'slot moves', shard: 0, ms: 90 * DAY, at: 0 },
    ],
    messages: schedule.messages.map((message) => ({ ...message, order: undefined })),
  };
  const [used, others] = [new Targets(), new Targets()];
  const first = await run(code, schedule, used);
  expect((await run(code, wrong, used)).failure).toBeDefined();
  expect(await run(code, schedule, used)).toEqual(first);
  expect(await run(code, schedule, others)).toEqual(first);
  await Promise.all([used.stop(), others.stop()]);
});

it('the simulator finds a ledger that expires when a period ends, and shows it with a few messages', async () => {
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
