import { expect, test } from 'vitest';
import { MESSAGE_FIELDS, perName } from '../lib/results.ts';
import type { Pipeline } from './api.ts';
import { assess, levelOf } from './verdict.ts';

const WELL: Pipeline = {
  messages: { ...perName(MESSAGE_FIELDS, () => 0), counted: 9 },
  queue: { waiting: 3, in_flight: 2, delayed: 0 },
  dead_letters: { waiting: 0 },
  last_count: null,
};
const evidence = { pipeline: WELL, waitingMs: 0, inFlightMs: 0, stage: 'prod' };

test('messages that wait or are in flight for a moment are not reported', () => {
  expect(assess({ ...evidence, waitingMs: 14_999, inFlightMs: 59_999 })).toEqual([]);
  expect(levelOf([])).toBe('well');
});

test('commands name the stage, except on stage local', () => {
  const letters = { ...WELL, dead_letters: { waiting: 1 } };
  const commands = (stage: string) =>
    assess({ pipeline: letters, waitingMs: 15_000, inFlightMs: 60_000, stage }).map(({ command }) => command);
  expect(commands('prod')).toEqual([
    'npx serverless logs -f processOrders --stage prod',
    'npm run dlq -- list --stage prod',
    'npx serverless logs -f processOrders --stage prod',
  ]);
  expect(commands('local')).toEqual([undefined, 'npm run dlq -- list', undefined]);
});

test('dead letters without a permanent failure could not be counted in time', () => {
  const [finding] = assess({ ...evidence, pipeline: { ...WELL, dead_letters: { waiting: 2 } } });
  expect(finding?.title).toBe('2 messages are in the dead-letter queue');
  expect(finding?.reasons).toEqual(['They could not be counted in time, for example because Redis did not answer']);
});

test('the worst finding decides', () => {
  const all = assess({
    pipeline: { messages: null, queue: null, dead_letters: { waiting: 1 }, last_count: null },
    waitingMs: 90_000,
    inFlightMs: 0,
    stage: undefined,
  });
  expect(all.map(({ title }) => title)).toEqual([
    'Redis does not answer',
    '1 message is in the dead-letter queue',
    'The queues cannot be seen',
  ]);
  expect(levelOf(all)).toBe('failing');
  expect(levelOf(all.slice(1))).toBe('attention');
});
