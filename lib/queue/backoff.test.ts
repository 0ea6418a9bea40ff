import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffSeconds } from './backoff.ts';

/** As it is deployed. */
const maxReceiveCount = Number(/maxReceiveCount: (\d+)/.exec(readFileSync('resources/queues.yml', 'utf8'))?.[1]);

it('an order outlives 30 minutes without Redis, with the receives that the queue allows and no luck', () => {
  let seconds = 0;
  for (let receive = 1; receive < maxReceiveCount; receive++) seconds += backoffSeconds(receive, 0);
  expect(seconds).toBeGreaterThan(30 * 60);
});

it('pauses double from 15 seconds up to 15 minutes', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map((receive) => backoffSeconds(receive, 0));
  expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 900, 900]);
});

it('chance only ever adds, at most a fifth, and SQS takes the result', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (receive, random) => {
        const least = backoffSeconds(receive, 0);
        const pause = backoffSeconds(receive, random);
        expect(Number.isInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(least);
        expect(pause).toBeLessThanOrEqual(least * 1.2);
      },
    ),
  );
});
