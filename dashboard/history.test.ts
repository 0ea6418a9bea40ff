import { expect, test } from 'vitest';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Pipeline } from './api.ts';
import { PipelineHistory } from './history.ts';

const NONE = perName(MESSAGE_FIELDS, () => 0);

const state = (counted: number, waiting = 0): Pipeline => ({
  messages: { ...NONE, counted },
  rate: 0,
  queue: { waiting, in_flight: waiting, delayed: 0 },
  dead_letters: null,
  last_count: null,
  replayed_until: null,
  restored_at: null,
});

test('after two readings, the rate is an average over at least five seconds', () => {
  const history = new PipelineHistory();
  history.add(state(100), 0);
  expect(history.rate).toBeUndefined();
  history.add(state(120), 2000);
  expect(history.rate).toBe(10);
  history.add(state(120), 4000);
  history.add(state(150), 8000);
  // Since the reading at 2 seconds, the last one that is at least five seconds old.
  expect(history.rate).toBe(5);
  expect(history.rates).toEqual([10, 5, 5]);
});

test('the rate starts again after Redis was emptied', () => {
  const history = new PipelineHistory();
  history.add(state(100), 0);
  history.add(state(3), 2000);
  expect(history.rate).toBeUndefined();
});

test('the states of the last five minutes are there, the latest first', () => {
  const history = new PipelineHistory();
  for (const at of [0, 200_000, 301_000, 303_000]) history.add(state(at), at);
  const seen = history.seenBefore(303_000);
  expect(seen.map(({ secondsAgo }) => secondsAgo)).toEqual([2, 103]);
  expect(seen[0]?.pipeline.messages?.counted).toBe(301_000);
});
