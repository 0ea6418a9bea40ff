import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffSeconds, isLastReceive } from './retry.ts';

/** The deployed number: the first one of this name in a resource. */
const deployed = (file: string, resource: string, name: string): number =>
  Number(new RegExp(`${resource}:[\\s\\S]*?${name}: (\\d+)`).exec(readFileSync(file, 'utf8'))?.[1]);

const maxReceiveCount = deployed('resources/queues.yml', 'OrdersQueue', 'maxReceiveCount');
const alarm = (name: string) => deployed('resources/alarms.yml', 'TransientFailuresAlarm', name);
const [periods, failingPeriods] = [alarm('EvaluationPeriods'), alarm('DatapointsToAlarm')];

it('an order outlives 30 minutes without Redis, with the receives that the queue allows and no luck', () => {
  let seconds = 0;
  for (let receive = 1; receive < maxReceiveCount; receive++) seconds += backoffSeconds(receive, 0);
  expect(seconds).toBeGreaterThan(30 * 60);
});

it('the last receive is the one that the queue allows', () => {
  const receives = Array.from({ length: maxReceiveCount + 2 }, (_, n) => n);
  const last = receives.filter((count) =>
    isLastReceive({ messageId: 'm', receiptHandle: 'r', attributes: { ApproximateReceiveCount: `${count}` } }),
  );
  expect(last).toEqual([maxReceiveCount]);
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

/**
 * Whether CloudWatch sets off the alarm of transient failures within its periods of a minute, where all that is received
 * are the receives of one message that fails.
 */
function setsOffTheAlarm(receiveSeconds: readonly number[], startSecond: number): boolean {
  const minutes = receiveSeconds.map((seconds) => Math.floor((startSecond + seconds) / 60));
  return new Set(minutes.filter((minute) => minute < periods)).size >= failingPeriods;
}

/** A number for each receive of a message. */
const chances = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 8, maxLength: 8 });
const second = fc.integer({ min: 0, max: 59 });

/** The seconds at which a message is received that fails for this long. */
function receives(outageSeconds: number, random: readonly number[]): number[] {
  const seconds = [0];
  for (const [index, chance] of random.entries())
    seconds.push((seconds[index] ?? 0) + backoffSeconds(index + 1, chance));
  return seconds.filter((second) => second < outageSeconds);
}

it('an outage of 5 minutes sets off the alarm of transient failures, even where there is a single order', () => {
  fc.assert(fc.property(second, chances, (start, random) => setsOffTheAlarm(receives(300, random), start)));
});

it('a failover of a minute sets off no alarm', () => {
  fc.assert(fc.property(second, chances, (start, random) => !setsOffTheAlarm(receives(60, random), start)));
});
