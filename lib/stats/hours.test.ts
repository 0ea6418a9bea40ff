import { expect, it } from 'vitest';
import { hourIn } from '../orders/calendar.ts';
import { lastHours } from './hours.ts';

const at = (iso: string, timeZone: string) => lastHours(Date.parse(iso), hourIn(timeZone));

it('the last 72 hours end with the current one', () => {
  const hours = at('2026-11-30T08:52:03Z', 'UTC');
  expect(hours).toHaveLength(72);
  expect([hours[0], ...hours.slice(-2)]).toEqual(['2026-11-27T09', '2026-11-30T07', '2026-11-30T08']);
});

it.each([
  ['skip an hour', '2026-03-31T10:00Z', '2026-03-29', ['00', '01', '03', '04']],
  ['repeat an hour', '2026-10-27T10:00Z', '2026-10-25', ['00', '01', '02', '03']],
])('a day on which clocks %s has each of its hours once', (_, now, day, hours) => {
  const names = at(now, 'Europe/Berlin').filter((name) => name.startsWith(day));
  expect(names.slice(0, 4).map((name) => name.slice(11))).toEqual(hours);
});

it('a zone may be half an hour off', () => {
  expect(at('2026-11-30T08:29:59Z', 'Asia/Kolkata').at(-1)).toBe('2026-11-30T13');
  expect(at('2026-11-30T08:30:00Z', 'Asia/Kolkata').at(-1)).toBe('2026-11-30T14');
});
