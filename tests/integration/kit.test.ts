import { expect, it } from 'vitest';
import { CONSUMERS } from '../kit/consumers.ts';
import { holdAgainstFaults } from '../kit/holdAgainstFaults.ts';

const seed = Date.now() % 1_000_000_000;

it(`the worker counts no order twice and loses none, whatever happens to 60 deliveries (seed ${seed})`, async () => {
  expect(await holdAgainstFaults(CONSUMERS.ours, 60, seed)).toMatchObject({ orders: 600, double: 0, lost: 0 });
});

it(`the same faults show that a pipeline without a ledger counts orders twice (seed ${seed})`, async () => {
  const { double } = await holdAgainstFaults(CONSUMERS['one pipeline a batch'], 60, seed);
  expect(double).toBeGreaterThan(0);
});
