import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayIn } from '../../lib/orders/calendar.ts';
import { parseTimestamp } from '../../lib/orders/timestamp.ts';
import { daysOf, readInstant } from './instant.ts';

const inUtc = daysOf('UTC');

test.each([
  ['2024-12-13T10:00:00Z', '2024-12-13T10:00:00.', '2024-12-13'],
  ['2024-12-13T10:00Z', '2024-12-13T10:00:00.', '2024-12-13'],
  ['2024-12-31T23:30:00-01:00', '2025-01-01T00:30:00.', '2025-01-01'],
  ['2025-01-01T00:30:00,250+0100', '2024-12-31T23:30:00.25', '2024-12-31'],
  ['2025-01-01T00:30:00.123456789+01', '2024-12-31T23:30:00.123456789', '2024-12-31'],
  ['2024-03-01T00:00:00.000Z', '2024-03-01T00:00:00.', '2024-03-01'],
])('%s is %s, on the day %s', (text, utc, day) => {
  expect(readInstant(text, inUtc)).toEqual({ utc, day });
});

test('what is no date and time with an offset is not read', () => {
  for (const text of ['', '2024-12-13', '2024-12-13T10:00:00', 'yesterdayZ', '2024-13-01T00:00:00Z']) {
    expect(readInstant(text, inUtc)).toBeUndefined();
  }
});

test.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])(
  'every timestamp has the same instant and day in both ways, in %s',
  (timeZone) => {
    const [dayOf, pipelineDayOf] = [daysOf(timeZone), dayIn(timeZone)];
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
        const taken = parseTimestamp(text, pipelineDayOf);
        if (!taken) return;
        const instant = readInstant(text, dayOf);
        const [seconds = '', decimals = ''] = taken.epoch.split('.');
        const utc = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${decimals}`;
        expect(instant).toEqual({ utc, day: taken.day });
      }),
      { numRuns: 5000 },
    );
  },
);
