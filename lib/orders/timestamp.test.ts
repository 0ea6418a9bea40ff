import { expect, it } from 'vitest';
import { type HourOf, hourIn } from './calendar.ts';
import { type Instant, parseTimestamp } from './timestamp.ts';

const epoch = (iso: string): string => String(Date.parse(iso) / 1000);

function instantOf(text: string, hourOf?: HourOf): Instant {
  const instant = parseTimestamp(text, hourOf);
  if (typeof instant === 'string') throw new Error(`${text} ${instant}`);
  return instant;
}

it.each([
  ['with Z', '2024-12-13T10:00:00Z', '2024-12-13T10:00:00Z'],
  ['with the offset +00:00', '2024-12-13T10:00:00+00:00', '2024-12-13T10:00:00Z'],
  ['with the offset -00:00', '2024-12-13T10:00:00-00:00', '2024-12-13T10:00:00Z'],
  ['with an offset to the east', '2024-12-13T15:30:00+05:30', '2024-12-13T10:00:00Z'],
  ['with an offset to the west', '2024-12-13T06:30:00-03:30', '2024-12-13T10:00:00Z'],
  ['with an offset without colon', '2024-12-13T15:30:00+0530', '2024-12-13T10:00:00Z'],
  ['with an offset of only hours', '2024-12-13T12:00:00+02', '2024-12-13T10:00:00Z'],
  ['with the largest offset', '2024-12-14T09:59:00+23:59', '2024-12-13T10:00:00Z'],
  ['without seconds', '2024-12-13T10:00Z', '2024-12-13T10:00:00Z'],
  ['of the first second of a day', '2024-12-13T00:00:00Z', '2024-12-13T00:00:00Z'],
  ['of the last second of a day', '2024-12-13T23:59:59Z', '2024-12-13T23:59:59Z'],
])('a timestamp %s is read', (_, text, instant) => {
  const hour = Math.floor(Date.parse(instant) / 3_600_000);
  expect(instantOf(text)).toEqual({ epoch: epoch(instant), day: '2024-12-13', hour });
});

it.each([
  ['.5', '.5'],
  ['.250', '.25'],
  [',25', '.25'],
  ['.123456789', '.123456789'],
  ['.000', ''],
  ['.000000001', '.000000001'],
])('the decimals %s of a second are kept as %j', (written, kept) => {
  expect(instantOf(`2024-12-13T10:00:00${written}Z`).epoch).toBe(`1734084000${kept}`);
});

it.each([
  ['2025-01-01T00:30:00+01:00', '2024-12'],
  ['2024-12-31T23:30:00-01:00', '2025-01'],
  ['2024-03-01T00:00:00+00:01', '2024-02'],
  ['2023-03-01T05:29:59+05:30', '2023-02'],
  ['2023-03-01T05:30:00+05:30', '2023-03'],
  ['2024-02-29T23:59:59-00:01', '2024-03'],
  ['2024-06-30T12:00:00+23:59', '2024-06'],
  ['1970-01-02T00:00:00Z', '1970-01'],
  ['9999-12-30T23:59:59.999999999Z', '9999-12'],
])('%s belongs to the month %s in UTC', (text, month) => {
  expect(instantOf(text).day.slice(0, 7)).toBe(month);
});

it('agrees with JavaScript on the days of each month from 1971 to 2100', () => {
  for (let year = 1971; year <= 2100; year++) {
    for (let month = 1; month <= 12; month++) {
      const prefix = `${year}-${String(month).padStart(2, '0')}`;
      const days = Array.from({ length: 33 }, (_, day) => `${prefix}-${String(day).padStart(2, '0')}`);
      const accepted = days.filter((day) => typeof parseTimestamp(`${day}T00:00:00Z`) !== 'string');
      const last = new Date(Date.UTC(year, month, 1) - 1).toISOString().slice(0, 10);
      expect(accepted).toEqual(days.slice(1, days.indexOf(last) + 1));
    }
  }
});

it.each(['2024-02-29', '2000-02-29', '2400-02-29', '9996-02-29'])('the calendar has the leap day %s', (day) => {
  expect(instantOf(`${day}T10:00:00Z`).day).toBe(day);
});

it.each(['2023-02-29', '2200-02-29', '2100-02-29', '2024-02-30', '2024-04-31', '2024-00-10', '2024-13-10'])(
  'the calendar has no %s',
  (day) => {
    expect(parseTimestamp(`${day}T10:00:00Z`)).toBe('must be a date that exists');
  },
);

it.each(['1970-01-02T00:00:00Z', '1970-01-01T23:00:00-01:00', '9999-12-30T23:59:59Z', '9999-12-31T00:59:59+01:00'])(
  '%s is from 1970-01-02 to 9999-12-30 in UTC',
  (text) => {
    expect(instantOf(text)).toMatchObject({ day: expect.any(String) });
  },
);

const RANGE = 'must be from 1970-01-02 to 9999-12-30, in UTC';
const FORMAT = 'must be an ISO 8601 date and time with Z or an offset, such as 2024-12-13T10:00:00Z';

it.each([
  ['the second before', '1970-01-01T23:59:59Z', RANGE],
  ['the second before, with an offset', '1970-01-02T00:59:59+01:00', RANGE],
  ['1969', '1969-12-31T23:30:00-01:00', RANGE],
  ['the second after', '9999-12-31T00:00:00Z', RANGE],
  ['the second after, with an offset', '9999-12-30T23:00:00-01:00', RANGE],
  ['the year 0', '0000-01-01T00:00:00Z', RANGE],
  ['the year 70', '0070-06-01T00:00:00Z', RANGE],
  ['10000 as written', '10000-01-01T00:00:00+01:00', FORMAT],
  ['10000 with a sign', '+10000-01-01T00:00:00Z', FORMAT],
  ['a negative year', '-2024-01-01T00:00:00Z', FORMAT],
  ['a year of two digits', '24-12-13T10:00:00Z', FORMAT],
])('a date before 1970-01-02 or after 9999-12-30 is refused: %s', (_, text, rule) => {
  expect(parseTimestamp(text)).toBe(rule);
});

it('the first and the last instant are in the years 1970 to 9999 in every time zone', () => {
  expect(instantOf('1970-01-02T00:00:00Z', hourIn('Etc/GMT+12')).day).toBe('1970-01-01');
  expect(instantOf('9999-12-30T23:59:59Z', hourIn('Etc/GMT-14')).day).toBe('9999-12-31');
});

it.each([
  ['only a date', '2024-12-13', 'must have a time, with Z or an offset, after the date'],
  ['a time without a zone', '2024-12-13T10:00:00', 'must have Z or an offset, such as +01:00, at its end'],
  ['hour 24', '2024-12-13T24:00:00Z', 'must have an hour from 00 to 23: midnight is 00:00 of the next day'],
  ['minute 60', '2024-12-13T10:60:00Z', 'must have minutes from 00 to 59'],
  ['second 60', '2016-12-31T23:59:60Z', 'must have seconds from 00 to 59, even for a leap second'],
  ['an offset of 24 hours', '2024-12-13T10:00:00+24:00', 'must have an offset from -23:59 to +23:59'],
  ['an offset of 60 minutes', '2024-12-13T10:00:00+01:60', 'must have an offset from -23:59 to +23:59'],
  ['10 decimals', '2024-12-13T10:00:00.1234567890Z', 'must have at most 9 decimals of a second'],
  ['a space for the T', '2024-12-13 10:00:00Z', 'must have a T between date and time'],
  ['a space for the T, and no zone', '2024-12-13 10:00:00', 'must have a T between date and time'],
  ['a space for the T, and one before the zone', '2024-12-13 10:00:00.5 UTC', 'must have a T between date and time'],
  ['a lower-case t, and no zone', '2024-12-13t10:00:00', 'must have a T and a Z in upper case'],
  [
    '10 decimals without a zone',
    '2024-12-13T10:00:00.1234567890',
    'must have Z or an offset, such as +01:00, at its end',
  ],
  ['a lower-case t', '2024-12-13t10:00:00Z', 'must have a T and a Z in upper case'],
  ['a lower-case z', '2024-12-13T10:00:00z', 'must have a T and a Z in upper case'],
  ['U+FEFF in front', '\ufeff2024-12-13T10:00:00Z', `${FORMAT} (it contains U+FEFF, which is invisible)`],
  ['a space before it', ' 2024-12-13T10:00:00Z', `${FORMAT} (it contains a space)`],
  ['a newline behind it', '2024-12-13T10:00:00Z\n', `${FORMAT} (it contains U+000A, which is invisible)`],
])('the broken rule is named: %s', (_, text, rule) => {
  expect(parseTimestamp(text)).toBe(rule);
});

it.each([
  ['nothing', ''],
  ['a time with the name of a zone', '2024-12-13T10:00:00 UTC'],
  ['only hours', '2024-12-13T10Z'],
  ['a word that ends with a digit and z', 'xyz1z'],
  ['a German date', '13.12.2024T10:00'],
  ['a date without hyphens', '20241213T10:00'],
  ['an offset of one digit', '2024-12-13T10:00:00+1'],
  ['an offset behind Z', '2024-12-13T10:00:00Z+01:00'],
  ['a decimal point without decimals', '2024-12-13T10:00:00.Z'],
  ['something in front', 'a2024-12-13T10:00:00Z'],
  ['the basic format', '20241213T100000Z'],
  ['slashes', '2024/12/13T10:00:00Z'],
  ['one digit for the month', '2024-1-13T10:00:00Z'],
  ['day before month', '13-12-2024T10:00:00Z'],
  ['a day of the year', '2024-348T10:00:00Z'],
  ['the format of e-mail', 'Fri, 13 Dec 2024 10:00:00 GMT'],
  ['seconds since 1970', '1734084000'],
  ['digits outside ASCII', '２０２４-12-13T10:00:00Z'],
  ['a typographic minus', '2024-12-13T10:00:00−01:00'],
])('a text that is no timestamp is refused: %s', (_, text) => {
  expect(parseTimestamp(text)).toContain(FORMAT);
});
