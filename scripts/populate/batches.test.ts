import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../shared/message.ts';
import { type Clock, pace, toBatches } from './batches.ts';

const KIB = 1024;

const messagesOf = (sizes: readonly number[]): OutgoingMessage[] =>
  sizes.map((bytes, index) => ({ number: index + 1, body: '', bytes, kind: 'unknown', orders: 0, cents: 0 }));

async function batchesOf(sizes: readonly number[], rate?: number): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of toBatches(messagesOf(sizes), rate)) batches.push(batch.map(({ bytes }) => bytes));
  return batches;
}

test('batches hold ten messages', async () => {
  expect((await batchesOf(Array(25).fill(100))).map(({ length }) => length)).toEqual([10, 10, 5]);
});

test('batches hold fewer where their bodies would exceed 256 KiB', async () => {
  expect(await batchesOf([200 * KIB, 56 * KIB, 1, 255 * KIB])).toEqual([
    [200 * KIB, 56 * KIB],
    [1, 255 * KIB],
  ]);
});

test('a message above 256 KiB gets its own batch', async () => {
  expect(await batchesOf([1, 300 * KIB, 2])).toEqual([[1], [300 * KIB], [2]]);
});

test('every message is in one batch, in order, within the limits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 * KIB })), async (sizes) => {
      const batches = await batchesOf(sizes);
      expect(batches.flat()).toEqual(sizes);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(10);
        const bytes = batch.reduce((sum, size) => sum + size, 0);
        expect(batch.length === 1 || bytes <= 256 * KIB).toBe(true);
      }
    }),
  );
});

test('a low rate makes batches smaller, so that messages are spread evenly', async () => {
  expect((await batchesOf(Array(6).fill(1), 30)).map(({ length }) => length)).toEqual([3, 3]);
  expect((await batchesOf(Array(2).fill(1), 0.5)).map(({ length }) => length)).toEqual([1, 1]);
});

/** A clock that stands still unless someone sleeps or `lose` says so. */
function makeClock() {
  let time = 0;
  const clock: Clock = {
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
  };
  return { clock, now: () => time, lose: (ms: number) => (time += ms) };
}
async function* fives(batches: number): AsyncGenerator<OutgoingMessage[]> {
  for (let batch = 0; batch < batches; batch++) yield messagesOf(Array(5).fill(1));
}

test('each batch waits until it is due', async () => {
  const { clock, now } = makeClock();
  const times: number[] = [];
  for await (const _ of pace(fives(4), 10, new AbortController().signal, clock)) times.push(now());
  expect(times).toEqual([0, 500, 1000, 1500]);
});

test('a delay is made up for by at most a second', async () => {
  const { clock, now, lose } = makeClock();
  const times: number[] = [];
  for await (const _ of pace(fives(6), 10, new AbortController().signal, clock)) {
    times.push(now());
    if (times.length === 1) lose(60_000);
  }
  expect(times).toEqual([0, 60_000, 60_000, 60_000, 60_500, 61_000]);
});

test('a stop ends the wait', async () => {
  const stop = new AbortController();
  const batches = pace(fives(2), 0.001, stop.signal);
  await batches.next();
  const waiting = batches.next();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
