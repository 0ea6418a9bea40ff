import { expect, test } from 'vitest';
import type { Pipeline } from './api.ts';
import { PipelineHistory } from './history.ts';

const state = (rate: number | null): Pipeline => ({
  messages: null,
  rate,
  queue: null,
  dead_letters: null,
  last_count: null,
  replayed_until: null,
  restored_at: null,
});

test('the states of the last five minutes are there, the latest first', () => {
  const history = new PipelineHistory();
  for (const at of [0, 200_000, 301_000, 303_000]) history.add(state(at), at);
  const seen = history.seenBefore(303_000);
  expect(seen.map(({ secondsAgo }) => secondsAgo)).toEqual([2, 103]);
  expect(seen[0]?.pipeline.rate).toBe(301_000);
});

test('the rates leave out the times at which Redis did not answer', () => {
  const history = new PipelineHistory();
  for (const [index, rate] of [10, null, 0, 5].entries()) history.add(state(rate), index);
  expect(history.rates).toEqual([10, 0, 5]);
});
