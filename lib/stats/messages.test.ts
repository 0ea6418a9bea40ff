import { expect, it } from 'vitest';
import { rateAt } from './messages.ts';

const NOON = 1_800_000_000 - (1_800_000_000 % 60);

it.each([
  ['none was ever counted', 30, 0, 0, 0, 0],
  ['the last minute had 120', 30, -10, 120, 600, 2],
  ['120 came in the last minute, and as many per second since', 30, 29, 60, 120, 2],
  ['the current minute brings more', 30, 29, 300, 60, 10],
  ['the current minute brings less than the last one', 30, 29, 3, 120, 2],
  ['a first batch comes in the first second of a minute', 0, 0, 100, 0, 10],
  ['nothing has come since the minute before last', 30, -61, 120, 600, 0],
  ['the clock of the shard that counted is ahead', 59, 61, 60, 120, 2],
])('orders per second when %s', (_, second, last, thatMinute, minuteBefore, rate) => {
  const minutes = [{ last: thatMinute + minuteBefore > 0 ? NOON + last : 0, thatMinute, minuteBefore }];
  expect(rateAt(NOON + second, { minutes })).toBe(rate);
});

it('the shards add up, whichever minute each has counted in last', () => {
  const minutes = [
    { last: NOON + 20, thatMinute: 10, minuteBefore: 60 },
    { last: NOON - 5, thatMinute: 30, minuteBefore: 900 },
    { last: NOON - 500, thatMinute: 5, minuteBefore: 5 },
  ];
  expect(rateAt(NOON + 30, { minutes })).toBe(1.5);
});
