import { expect, it } from 'vitest';
import { CONSUMERS } from '../../bench/faults/consumers.ts';
import { runUnderFaults } from '../../bench/faults/runUnderFaults.ts';

const FAULTS = 60;
const seed = Date.now() % 1_000_000_000;

it(`the worker counts every order once when each of ${FAULTS} deliveries is disturbed (seed ${seed})`, async () => {
  expect(await runUnderFaults(CONSUMERS.ours, FAULTS, seed)).toMatchObject({ orders: 600, double: 0, lost: 0 });
});

it(`a pipeline without a ledger counts orders twice under the same faults (seed ${seed})`, async () => {
  const { double } = await runUnderFaults(CONSUMERS['one pipeline per batch'], FAULTS, seed);
  expect(double).toBeGreaterThan(0);
});
