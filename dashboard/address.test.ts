import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';

test('every address that the page writes is read as it was meant', () => {
  for (const address of [
    {},
    { userId: 'U1' },
    { userId: 'a/b?c&d=%é' },
    { choice: { unit: 'day', count: 366 } },
    { choice: { unit: 'month', from: '2026-01', to: '2026-03' } },
    { userId: 'U1', choice: 'all' },
  ] as const) {
    expect(parseAddress(formatAddress(address))).toEqual(address);
  }
  expect([parseAddress(''), parseAddress('#')]).toEqual([{}, {}]);
});

test.each([
  ['#/user/U1', 'There is nothing at /user/U1.'],
  ['#today', 'There is nothing at today.'],
  ['#/users/', 'There is nothing at /users/.'],
  ['#/users/%E0%A4%A', 'The user id %E0%A4%A is not well encoded.'],
  ['#/?last=367-days', 'The range may span at most 366 days, not 367.'],
  ['#/?last=121-months', 'The range may span at most 120 months, not 121.'],
  ['#/?from=2026-03&to=2026-01', 'The start must not be after the end.'],
  ['#/?from=2025-01-01&to=2026-04-10', 'The range may span at most 366 days, not 465.'],
  ['#/?from=2026-01&to=2026-01-31', 'Both must be days, or both months.'],
])('an address that shows nothing has a reason: %s', (hash, problem) => {
  expect(parseAddress(hash).problem).toBe(problem);
});

test.each(['last=0-days', 'last=week', 'from=2026-02-30&to=2026-03-01', 'from=2026-01', 'range=some', 'lats=30-days'])(
  'what is no range is named: %s',
  (query) => {
    expect(parseAddress(`#/users/U1?${query}`)).toEqual({
      userId: 'U1',
      problem: `${query} is no range. A range is last=30-days, from=2026-01-31&to=2026-03-31 or range=all.`,
    });
  },
);
