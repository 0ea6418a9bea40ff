import { expect, it } from 'vitest';
import { idsIn, MESSAGES, startLongQueue } from './longQueue.ts';

it(`lists ${MESSAGES} dead letters of a slow SQS and leaves them visible`, async () => {
  const { dlq, deadLetters } = await startLongQueue();
  const { code, stdout, stderr } = await dlq('list', '--json');
  expect([code, stderr, idsIn(stdout)]).toEqual([0, '', MESSAGES]);
  expect(deadLetters()).toEqual({ visible: MESSAGES, invisible: 0 });
});
