import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live, rowsOf } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const CHART = '#over-time .chart';
const atNoon = (hash: string) => ({
  hash,
  prepare: (page: Page) => overviewAt(page, '2026-06-30T12:00:00Z'),
});

const labels = (page: Page) => page.locator(`${CHART} .label`).allTextContents();
const name = (page: Page) => page.locator(CHART).getAttribute('aria-label');
const widths = (page: Page) =>
  page.locator(`${CHART} .bar.amount`).evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));

test('days whose bars would be thinner than two pixels become weeks, but stay days in the table', async ({ open }) => {
  // A Monday and a Sunday, and one day in each other month.
  const months = ['07', '08', '09', '10', '11', '12'].map((month) => `2025-${month}-20`);
  const days = ['2026-06-22', '2026-06-28', ...months];
  await countOrders(...days.map((at) => ({ user: 'U1', at, value: 10 })));
  const page = await open({ viewport: { width: 360, height: 800 } }, [], atNoon('#/?from=2025-07-01&to=2026-06-30'));
  await live(page);
  await vi.waitFor(
    async () => expect(await name(page)).toBe('Revenue and orders by week, Jul 1, 2025 – Jun 30, 2026'),
    PATIENT,
  );
  expect(Math.min(...(await widths(page)))).toBeGreaterThanOrEqual(2);
  await page.locator(CHART).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const note = page.locator(`${CHART} .note span`);
  expect(await note.allTextContents()).toEqual([
    'Jun 22, 2026 – Jun 28, 2026',
    '€20.00',
    '2 orders',
    '€10.00 per order',
  ]);
  expect(await rowsOf(page, '#over-time')).toHaveLength(365);

  await page.setViewportSize({ width: 1280, height: 800 });
  await vi.waitFor(
    async () => expect(await name(page)).toBe('Revenue and orders by day, Jul 1, 2025 – Jun 30, 2026'),
    PATIENT,
  );
  expect(Math.min(...(await widths(page)))).toBeGreaterThanOrEqual(2);
});

test('months whose bars would be thinner than two pixels become quarters', async ({ open }) => {
  const months = Array.from({ length: 10 }, (_, index) => `${2017 + index}-05`);
  await countOrders(...months.map((at) => ({ user: 'U1', at, value: 10 })));
  const page = await open({ viewport: { width: 360, height: 800 } }, [], atNoon('#/?last=120-months'));
  await live(page);
  await vi.waitFor(async () => expect(await name(page)).toContain('by quarter, Jul 2016 – Jun 2026'), PATIENT);
  expect(Math.min(...(await widths(page)))).toBeGreaterThanOrEqual(2);
});

test('more than two months of days have labels where months begin, fewer have them every few days', async ({
  open,
}) => {
  const days = ['2026-04-05', '2026-04-15', '2026-04-25', '2026-05-05', '2026-05-15', '2026-05-25', '2026-06-03'];
  await countOrders(
    ...[...days, '2026-06-12', '2026-06-20', '2026-06-30'].map((at) => ({ user: 'U1', at, value: 10 })),
  );
  const page = await open({}, [], atNoon('#/?last=90-days'));
  await live(page);
  await vi.waitFor(async () => expect(await labels(page)).toEqual(['Today', 'May 2026', 'Jun 2026', 'Apr 2']), PATIENT);
  await page.getByRole('navigation', { name: 'Range' }).getByText('30 days').click();
  await vi.waitFor(
    async () => expect(await labels(page)).toEqual(['Today', 'Jun 2', 'Jun 9', 'Jun 16', 'Jun 23']),
    PATIENT,
  );
});
