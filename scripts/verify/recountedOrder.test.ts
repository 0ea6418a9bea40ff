import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hourIn, hourName } from '../../lib/orders/calendar.ts';
import { toCents, toMicros } from '../../lib/orders/money.ts';
import { parseTimestamp } from '../../lib/orders/timestamp.ts';
import { centsOf, formatUnits, hoursOf, readInstant, storedCents, toUnits } from './recountedOrder.ts';

test.each([
  [0, 0n],
  [-0, 0n],
  [7, 700n],
  [0.1 + 0.2, 30n],
  [30.000000000000004, 3000n],
  [29.999999999999996, 3000n],
  [99.995, 10000n],
  [1e-7, 0n],
  [5e-324, 0n],
  [999_999_999.99, 99_999_999_999n],
  [1e9, 100_000_000_000n],
])('the cents of a JSON number of %d are %d', (amount, cents) => {
  expect(centsOf(amount)).toBe(cents);
});

test.each([-1, 1e21, Number.NaN, Number.POSITIVE_INFINITY])(
  'the cents of a JSON number are unknown for %d',
  (amount) => {
    expect(centsOf(amount)).toBeUndefined();
  },
);

test('amounts and prices that the pipeline takes are the same numbers in both ways', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 1e11 }).map((cents) => cents / 100),
    fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1e6),
    fc.array(fc.integer({ min: 0, max: 1e6 })).map((parts) => parts.reduce((sum, cents) => sum + cents / 100, 0)),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(value, (amount) => {
      const [cents, micros] = [toCents(amount), toMicros(amount)];
      if (cents !== undefined) expect(centsOf(amount)).toBe(BigInt(cents));
      if (micros !== undefined) expect(toUnits(String(amount), 6)).toBe(BigInt(micros));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['7.00', 700n],
  ['0.05', 5n],
  ['90000000000000.00', 9000000000000000n],
])('an amount of %s in Redis is read to the cent', (text, cents) => {
  expect(storedCents(text)).toBe(cents);
});

test.each([
  '7',
  '7.5',
  '7.005',
  '7.000',
  '-7',
  '7.',
  '.5',
  '1e3',
  'seven',
  '',
  ' 7',
  '7\n',
  '90000000000000.01',
  '1'.repeat(100_000),
])('an amount of %.20j in Redis is corrupt', (text) => {
  expect(storedCents(text)).toBeUndefined();
});

test('cents are written with two decimals', () => {
  expect([0n, 5n, 75990n, 900719925474010101n].map(formatUnits)).toEqual([
    '0.00',
    '0.05',
    '759.90',
    '9007199254740101.01',
  ]);
});

const inUtc = hoursOf('UTC');

test.each([
  ['2024-12-13T10:00:00Z', '2024-12-13T10:00:00.', '2024-12-13T10'],
  ['2024-12-13T10:00Z', '2024-12-13T10:00:00.', '2024-12-13T10'],
  ['2024-12-31T23:30:00-01:00', '2025-01-01T00:30:00.', '2025-01-01T00'],
  ['2025-01-01T00:30:00,250+0100', '2024-12-31T23:30:00.25', '2024-12-31T23'],
  ['2025-01-01T00:30:00.123456789+01', '2024-12-31T23:30:00.123456789', '2024-12-31T23'],
  ['2024-03-01T00:00:00.000Z', '2024-03-01T00:00:00.', '2024-03-01T00'],
])('%s is %s, in the hour %s', (text, utc, hour) => {
  expect(readInstant(text, inUtc)).toEqual({ utc, hour });
});

test('what is no date and time with an offset is not read', () => {
  for (const text of ['', '2024-12-13', '2024-12-13T10:00:00', 'yesterdayZ', '2024-13-01T00:00:00Z']) {
    expect(readInstant(text, inUtc)).toBeUndefined();
  }
});

test.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])(
  'every timestamp has the same instant and hour in both ways, in %s',
  (timeZone) => {
    const [hourOf, pipelineHourOf] = [hoursOf(timeZone), hourIn(timeZone)];
    const digits = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'));
    const timestamp = fc
      .tuple(
        fc.integer({ min: 1970, max: 9999 }),
        fc.tuple(digits(13), digits(32), digits(24), digits(60)),
        fc.option(fc.tuple(digits(60), fc.stringMatching(/^(?:[.,]\d{1,9})?$/))),
        fc.oneof(
          fc.constant('Z'),
          fc.tuple(fc.constantFrom('+', '-'), digits(24), fc.option(digits(60)), fc.boolean()),
        ),
      )
      .map(([year, [month, day, hour, minute], seconds, offset]) => {
        const [sign, hours, minutes, colon] = typeof offset === 'string' ? [offset, '', null, false] : offset;
        const zone = `${sign}${hours}${minutes === null ? '' : `${colon ? ':' : ''}${minutes}`}`;
        return `${year}-${month}-${day}T${hour}:${minute}${seconds ? `:${seconds.join('')}` : ''}${zone}`;
      });
    fc.assert(
      fc.property(timestamp, (text) => {
        const taken = parseTimestamp(text, pipelineHourOf);
        if (typeof taken === 'string') return;
        const instant = readInstant(text, hourOf);
        const [seconds = '', decimals = ''] = taken.epoch.split('.');
        const utc = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${decimals}`;
        expect(instant).toEqual({ utc, hour: hourName(taken.hour) });
      }),
      { numRuns: 5000 },
    );
  },
);
