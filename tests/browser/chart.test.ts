import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live, rowsOf } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const NOON = '2026-06-30T12:00:00Z';
const atNoon = { prepare: (page: Page) => overviewAt(page, NOON) };
const CHART = '#over-time .chart';

/** The numbers that an axis shows, from below. */
const marks = (page: Page, from: number, count: number) =>
  page.locator(`${CHART} .mark`).evaluateAll(
    (all, [from = 0, count = 0]) => {
      return all.slice(from, from + count).map(({ textContent }) => textContent);
    },
    [from, count],
  );

test('axes end at a round number above the highest bar, and the current day is marked', async ({ open }) => {
  await countOrders(
    { user: 'U1', at: '2026-06-30', value: 10 },
    { user: 'U1', at: '2026-06-29', value: 1234.56 },
    { user: 'U1', at: '2026-06-29', value: 1234.56 },
    { user: 'U1', at: '2026-06-29', value: 1234.56 },
  );
  const page = await open({}, [], atNoon);
  await live(page);
  expect(await marks(page, 0, 5)).toEqual(['€0', '€1K', '€2K', '€3K', '€4K']);
  expect(await marks(page, 5, 3)).toEqual(['0', '2', '4']);
  const [bar, line] = await Promise.all([
    page.locator(`${CHART} .bar.amount`).first().boundingBox(),
    page.locator(`${CHART} .grid`).nth(3).boundingBox(),
  ]);
  expect(bar?.y).toBeGreaterThan(line?.y ?? Number.POSITIVE_INFINITY);
  expect(await page.locator(`${CHART} .bar.current`).count()).toBe(2);
  expect(await page.locator(`${CHART} .label.current`).textContent()).toBe('Today');
});

test('bars stand evenly, and a long time without orders is folded, but all of it is in the table', async ({ open }) => {
  const months = ['2016-01', '2016-02', '2016-03', '2016-05', '2025-11', '2025-12'];
  await countOrders(...months.map((at) => ({ user: 'U1', at, value: 100 })));
  const page = await open({}, [], { ...atNoon, hash: '#/?from=2016-01&to=2025-12' });
  await vi.waitFor(async () => expect(await page.locator(`${CHART} .bar.amount`).count()).toBe(6), PATIENT);
  expect(await page.locator(`${CHART} .fold`).count()).toBe(2);
  const lefts = await page
    .locator(`${CHART} .bar.amount`)
    .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().left));
  const distances = lefts.slice(1).map((left, index) => left - (lefts[index] ?? 0));
  const [first = 0, second = 0, third = 0, , last = 0] = distances;
  for (const [distance, periods] of [
    [second, 1],
    [third, 2],
    [last, 1],
  ] as const) {
    expect(Math.abs(distance - periods * first)).toBeLessThan(1);
  }
  expect(await rowsOf(page, '#over-time')).toHaveLength(120);
});

test('the values of a bar show beside it, for the mouse and for the arrow keys', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-30', value: 10 }, { user: 'U1', at: '2026-06-29', value: 1234.56 });
  const page = await open({}, [], atNoon);
  await live(page);
  const note = page.locator(`${CHART} .note`);
  const chart = page.getByRole('slider', { name: 'Revenue and orders by day, Jun 1, 2026 – Jun 30, 2026' });
  expect(await note.isVisible()).toBe(false);

  await page.locator(CHART).scrollIntoViewIfNeeded();
  const bar = await page.locator(`${CHART} .bar.amount:not(.current)`).boundingBox();
  if (!bar) throw new Error('There is no bar');
  await page.mouse.move(bar.x + bar.width / 2, bar.y + 1);
  const yesterday = ['Monday, June 29, 2026', '€1,234.56', '1 order', '€1,234.56 per order'];
  await vi.waitFor(async () => expect(await note.locator('span').allTextContents()).toEqual(yesterday), PATIENT);
  const box = await note.boundingBox();
  expect(box && (box.x + box.width <= bar.x || box.x >= bar.x + bar.width)).toBe(true);
  await page.mouse.move(0, 0);
  await vi.waitFor(async () => expect(await note.isVisible()).toBe(false), PATIENT);

  // What is before the chart in the order of the page.
  await page.getByLabel('Compare with').focus();
  await page.keyboard.press('Tab');
  expect(await chart.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  expect(await note.locator('span').first().textContent()).toBe('Tuesday, June 30, 2026, so far');
  await page.keyboard.press('ArrowLeft');
  expect(await note.locator('span').allTextContents()).toEqual(yesterday);
  expect(await chart.getAttribute('aria-valuetext')).toBe(yesterday.join(', '));
  await page.keyboard.press('Home');
  expect(await chart.getAttribute('aria-valuetext')).toBe('Jun 1, 2026 – Jun 28, 2026, 28 days without orders');
  await page.keyboard.press('Escape');
  expect(await note.isVisible()).toBe(false);
});
