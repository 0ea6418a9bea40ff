import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderBody } from '../../tests/support/orderMessage.ts';
import { hourIn, hourName, isTimeZone } from './calendar.ts';
import { parseOrder } from './order.ts';

const ZONES = [
  'UTC',
  'Etc/UTC',
  'Europe/Amsterdam',
  'Europe/Berlin',
  'America/New_York',
  // Offsets that are not whole hours.
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  // Clocks went back at 00:01: a day began, and the previous day returned a minute later.
  'America/St_Johns',
  // Clocks went forward at midnight.
  'America/Sao_Paulo',
  // December 30, 2011 was skipped.
  'Pacific/Apia',
  // Local mean time until 1972: 44 minutes and 30 seconds.
  'Africa/Monrovia',
  'Pacific/Kiritimati',
];

type NameOf = (ms: number) => string;

/** `YYYY-MM-DDTHH` */
function hoursIn(timeZone: string): NameOf {
  const hourOf = hourIn(timeZone);
  return (ms) => hourName(hourOf(ms));
}

/** The same by Intl, asked for each instant. */
function hoursByIntl(timeZone: string): NameOf {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  });
  return (ms) => format.format(ms).replace(' ', 'T');
}

const LAST = Date.UTC(9999, 11, 30);
/** Finds midnights by bisection. */
function borders(nameOf: NameOf, from: number, to: number): number[] {
  const dayOf: NameOf = (ms) => nameOf(ms).slice(0, 10);
  const found: number[] = [];
  for (let start = from; start < to; start += 86_400_000 / 2) {
    let [low, high] = [start, start + 86_400_000 / 2];
    if (dayOf(low) === dayOf(high)) continue;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2 / 1000) * 1000;
      if (dayOf(middle) === dayOf(low)) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}

describe.each(ZONES)('an hour in %s', (timeZone) => {
  // Inside the test, so that an hourIn that throws fails it.
  const hours = () => [hoursIn(timeZone), hoursByIntl(timeZone)] as const;

  it('agrees with Intl at any instant', () => {
    const [nameOf, expected] = hours();
    const instant = fc.oneof(
      fc.integer({ min: 0, max: LAST }),
      fc.integer({ min: 0, max: Date.UTC(2050, 0) }),
      fc.integer({ min: 0, max: Date.UTC(1973, 0) }),
    );
    fc.assert(
      fc.property(instant, (ms) => {
        expect(nameOf(ms)).toBe(expected(ms));
      }),
      { numRuns: 300 },
    );
  });

  it.each([1971, 1987, 2005, 2011, 2026])('agrees with Intl around the start of every day of %i', (year) => {
    const [nameOf, expected] = hours();
    for (const border of borders(expected, Date.UTC(year, 0), Date.UTC(year + 1, 0))) {
      for (const ms of [-3_600_000, -61_000, -1000, -1, 0, 1, 59_000, 61_000, 3_600_000]) {
        expect(nameOf(border + ms)).toBe(expected(border + ms));
      }
    }
  });
});

it('the first minute of a day belongs to it even if clocks go back at 00:01', () => {
  const nameOf = hoursIn('America/St_Johns');
  const midnight = Date.UTC(2005, 9, 30, 2, 30);
  expect([-1, 0, 59_999, 60_000].map((ms) => nameOf(midnight + ms))).toEqual([
    '2005-10-29T23',
    '2005-10-30T00',
    '2005-10-30T00',
    '2005-10-29T23',
  ]);
});

it.each([
  ['of 23 hours', 'Europe/Berlin', '2026-03-28T23:00Z', ['00', '01', '03', '04']],
  ['of 25 hours', 'Europe/Berlin', '2026-10-24T22:00Z', ['00', '01', '02', '02', '03']],
  ['of 24 and a half hours', 'Australia/Lord_Howe', '2026-04-04T13:00Z', ['00', '01', '01', '02']],
])('a day %s begins with its own hours', (_, timeZone, midnight, hours) => {
  const nameOf = hoursIn(timeZone);
  const names = hours.map((_, n) => nameOf(Date.parse(midnight) + n * 3_600_000));
  expect(names.map((name) => name.slice(11))).toEqual(hours);
});

it('an order counts for its day and month in the time zone', () => {
  const hourOf = hourIn('Europe/Berlin');
  const dayFor = (order_timestamp: string) => {
    const parsed = parseOrder(orderBody({ order_timestamp }), { hourOf });
    return parsed.ok ? parsed.order.placed.day : parsed.rejection.rule;
  };
  expect(dayFor('2024-12-31T22:59:59Z')).toBe('2024-12-31');
  expect(dayFor('2024-12-31T23:00:00Z')).toBe('2025-01-01');
  expect(dayFor('2024-12-31T23:30:00-01:00')).toBe('2025-01-01');
  // Summer time: two hours ahead of UTC.
  expect(dayFor('2024-06-30T21:59:59Z')).toBe('2024-06-30');
  expect(dayFor('2024-06-30T22:00:00Z')).toBe('2024-07-01');
});

it.each([
  ['Europe/Berlin', '1970-01-01T00:30:00+01:00'],
  ['America/New_York', '9999-12-31T19:30:00-05:00'],
])(
  'an order in %s whose instant is before 1970-01-02 or after 9999-12-30 in UTC is invalid',
  (timeZone, order_timestamp) => {
    const parsed = parseOrder(orderBody({ order_timestamp }), { hourOf: hourIn(timeZone) });
    expect(parsed).toMatchObject({ ok: false, rejection: { field: 'order_timestamp' } });
  },
);

it.each(['Europe/Berlin', 'UTC', 'GMT', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])(
  '%s is the name of a time zone',
  (name) => {
    expect(isTimeZone(name)).toBe(true);
  },
);

it.each(['', 'Berlin', 'Mars/Olympus', '+02:00', ' UTC', 'CST', 'cst', 'EST', 'IST', 'CET'])(
  '%j is the name of no time zone',
  (name) => {
    expect(isTimeZone(name)).toBe(false);
  },
);
