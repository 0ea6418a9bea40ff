import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { live, measureOf, rowsOf } from './support/look.ts';
import { countOrders } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

/** Does not break the line. */
const SPACE = '\u00a0';

const atNoon = { prepare: (page: Page) => overviewAt(page, '2026-06-30T12:00:00Z') };

test('numbers and dates are in the language of the browser, times in the zone of the stage', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-30', value: 1234567.5 });
  const page = await open({ locale: 'de-DE', timezoneId: 'America/New_York' }, [], atNoon);
  await live(page);
  expect(await page.locator('#today-date').textContent()).toBe('Dienstag, 30. Juni 2026');
  expect((await measureOf(page, 1, 'amount')).value).toBe(`1.234.567,50${SPACE}€`);
  expect((await rowsOf(page, '#over-time')).at(0)).toEqual(['1. Juni 2026', '0', `0,00${SPACE}€`]);
  expect(await page.locator('#time').textContent()).toMatch(/^14:00:\d\d$/);
  // The marks of the axis are longer than in English, and all of them are visible.
  const marks = page.locator('#over-time .mark');
  expect(await marks.nth(1).textContent()).toBe(`500.000${SPACE}€`);
  const chart = await page.locator('#over-time .chart').boundingBox();
  for (const mark of await marks.all()) {
    expect((await mark.boundingBox())?.x).toBeGreaterThanOrEqual(chart?.x ?? Number.POSITIVE_INFINITY);
  }
});

test('amounts have two decimals, whatever the browser knows of the currency', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-30', value: 1234.5 });
  const page = await open({}, [], {
    // A stage with a currency whose decimals another version of Node.js knows.
    prepare: (page) => overviewAt(page, '2026-06-30T12:00:00Z', { currency: 'HUF' }),
  });
  await live(page);
  expect((await measureOf(page, 1, 'amount')).value).toMatch(/^HUF\s1,234\.50$/);
});
