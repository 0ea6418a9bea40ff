import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keysFrom, objectKey, timeOfKey } from './objectKey.ts';

const KEY = 'orders/date=2026-11-29/10-15-00.123Z-request.jsonl.gz';
const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });

it('a key tells when the batch was counted, and which request did', () => {
  expect(objectKey(Date.UTC(2026, 10, 29, 10, 15, 0, 123), 'request')).toBe(KEY);
  expect(timeOfKey(KEY)).toBe(Date.UTC(2026, 10, 29, 10, 15, 0, 123));
});

it('keys sort by time, and those from a time on include it', () => {
  fc.assert(
    fc.property(time, time, (one, other) => {
      const [key, otherKey] = [objectKey(one, 'a'), objectKey(other, 'b')];
      expect(timeOfKey(key)).toBe(one);
      expect(key < otherKey).toBe(one <= other);
      expect(keysFrom(one) < otherKey).toBe(one <= other);
    }),
  );
});

it.each([
  ['a folder before it', `x/${KEY}`],
  ['something behind it', `${KEY}.bak`],
  ['another folder', KEY.replace('orders/', 'orders-2/')],
  ['a folder inside', KEY.replace('request', 'a/b')],
  ['no request', KEY.replace('request', '')],
  ['another ending', KEY.replace('.jsonl.gz', '.csv')],
  ['a month that does not exist', KEY.replace('-11-', '-13-')],
  ['letters for digits', KEY.replace('2026', 'ABCD')],
  ['no milliseconds', KEY.replace('.123', '')],
  ['one digit of milliseconds', KEY.replace('.123', '.1')],
])('a key with %s is not of the archive', (_, key) => {
  expect(timeOfKey(key)).toBeUndefined();
});
