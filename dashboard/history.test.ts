import { expect, test } from 'vitest';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Pipeline } from './api.ts';
import { PipelineHistory } from './history.ts';

const NONE = perName(MESSAGE_FIELDS, () => 0);

const state = (counted: number, waiting = 0): Pipeline => ({
  messages: { ...NONE, counted },
  queue: { waiting, in_flight: waiting, delayed: 0 },
  dead_letters: { waiting: 0 },
  last_count: null,
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
  expect(history.add(state(3), 2000)).toBe(true);
  expect(history.rate).toBeUndefined();
});

test('the waiting time grows while messages are there and none has a result', () => {
  const history = new PipelineHistory();
  history.add(state(1, 5), 0);
  history.add(state(1, 5), 2000);
  history.add(state(1, 7), 12_000);
  expect([history.waitingFor(12_000), history.inFlightFor(12_000)]).toEqual([10_000, 10_000]);
  history.add(state(2, 7), 14_000);
  expect(history.waitingFor(14_000)).toBe(0);
  history.add(state(2, 7), 16_000);
  history.add({ ...state(2, 7), messages: null }, 18_000);
  expect(history.waitingFor(18_000)).toBe(0);
});
