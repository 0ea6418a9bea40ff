import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { idsIn, MESSAGES, startLongQueue } from './longQueue.ts';

/** A queue may hold more than the limit, which is 120,000 for SQS. Here the invalid messages alone exceed it. */
const IN_FLIGHT_LIMIT = 12_000;

it(`redrives and purges ${MESSAGES} dead letters to the last one within the in-flight limit`, async () => {
  const { dlq, deadLetters, orders } = await startLongQueue(IN_FLIGHT_LIMIT);
  const directory = await mkdtemp(join(tmpdir(), 'orders-long-'));
  onTestFinished(() => rm(directory, { recursive: true }));

  const first = await dlq('redrive', '--only', 'retryable');
  expect(first.code).toBe(1);
  expect(first.stdout).toMatch(/stay in orders-queue-dlq: about \d+ messages, not all of which were looked at/);
  expect(first.stderr).toMatch(/SQS counts about \d+ messages more that it did not hand out: /);
  const sentBack = orders().visible;
  expect(deadLetters()).toEqual({ visible: MESSAGES - sentBack, invisible: 0 });

  const to = join(directory, 'bad.jsonl');
  const purge = await dlq('purge', '--only', 'invalid', '--to', to);
  expect(purge.code).toBe(0);
  expect(idsIn(await readFile(to, 'utf8'))).toBe(MESSAGES / 2);
  expect(deadLetters()).toEqual({ visible: MESSAGES / 2 - sentBack, invisible: 0 });

  const second = await dlq('redrive', '--only', 'retryable');
  expect(second.code).toBe(0);
  expect(second.stdout).toContain('stay in orders-queue-dlq: 0 messages');
  expect(deadLetters()).toEqual({ visible: 0, invisible: 0 });
  expect(orders()).toEqual({ visible: MESSAGES / 2, invisible: 0 });
});
