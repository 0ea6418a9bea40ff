import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live, measureOf, rowsOf } from './support/look.ts';
import { ask, countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

/** In Amsterdam the clock goes from 02:00 to 03:00 on March 29 and back from 03:00 to 02:00 on October 25, 2026. */
const CHANGES = [
  {
    name: 'to summer time',
    day: '2026-03-29',
    title: 'Sunday, March 29, 2026',
    before: '2026-03-28T22:59:00Z',
    inside: ['2026-03-28T23:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', '2026-03-29T21:59:59Z'],
    after: '2026-03-29T22:00:00Z',
    last: '2026-03-29T21:59:50Z',
  },
  {
    name: 'back from it',
    day: '2026-10-25',
    title: 'Sunday, October 25, 2026',
    before: '2026-10-24T21:59:00Z',
    inside: ['2026-10-24T22:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T22:59:59Z'],
    after: '2026-10-25T23:00:00Z',
    last: '2026-10-25T22:59:50Z',
  },
];

const today = async (page: Page) => [
  await page.locator('#today-date').textContent(),
  (await measureOf(page, 1, 'orders')).value,
];

test.for(CHANGES)('today is the day of the time zone, on the day of the change $name', async (change, { open }) => {
  const { day, title, before, inside, after, last } = change;
  await countOrders(...[before, ...inside, after].map((at) => ({ user: 'U1', at, value: 10 })));
  expect(await ask(`/stats/global?from=${day}&to=${day}`)).toMatchObject({ total_orders: 4 });

  const page = await open({ timezoneId: 'America/New_York' }, [], {
    prepare: (page) => overviewAt(page, last),
  });
  await live(page);
  await vi.waitFor(async () => expect(await today(page)).toEqual([title, '4']), PATIENT);
  expect((await measureOf(page, 1, 'orders')).others).toBe('Whole days: 1 yesterday, 0 a week ago');
  expect(await page.locator('#time-zone').textContent()).toBe('Europe/Amsterdam');

  // Over midnight in Amsterdam.
  await overviewAt(page, after);
  await vi.waitFor(async () => expect((await today(page))[1]).toBe('1'), PATIENT);
  expect((await measureOf(page, 1, 'orders')).others).toBe('Whole days: 4 yesterday, 0 a week ago');
  const rows = await rowsOf(page, '#over-time');
  expect(rows.slice(-3).map(([, orders]) => orders)).toEqual(['1', '4', '1']);
});
