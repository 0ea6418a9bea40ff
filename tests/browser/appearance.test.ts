import { expect, vi } from 'vitest';
import { countOrders, PATIENT } from './support/orders.ts';
import { lookAtChart } from './support/pixels.ts';
import { test } from './support/test.ts';

const MONTHS = ['08', '09', '10', '11', '12'].map((month) => `2023-${month}`);
MONTHS.push(...['01', '02', '03', '05'].map((month) => `2024-${month}`));
const ORDERS = MONTHS.map((month) => ({ user: 'U1', month, value: 278000.07 }));

/** The longest id that a user may have, without a place to break it. */
const LONG_ID = 'U'.repeat(128);

/** Of a small phone, in pixels. */
const NARROWEST = 360;

const WIDTH_OF_CONTENT = 'document.documentElement.scrollWidth';

/** Numbers on more than one line, or out of their place. */
const BROKEN_NUMBERS = `[...document.querySelectorAll('dd, td')].flatMap((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const { right } = cell.getBoundingClientRect();
  const lines = [...text.getClientRects()];
  return lines.length > 1 || lines.some((line) => line.right > right + 1) ? [cell.textContent] : [];
})`;

test('months stand evenly in the chart, one without orders leaves its place free, no name is cut off', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  const page = await open();
  await vi.waitFor(async () => expect((await lookAtChart(page)).bars).toHaveLength(MONTHS.length), PATIENT);
  const { bars, endsBeforeEdge } = await lookAtChart(page);
  const distances = bars.slice(1).map((bar, index) => bar - (bars[index] ?? 0));
  const last = distances.pop() ?? 0;
  expect(Math.max(...distances) - Math.min(...distances)).toBeLessThanOrEqual(1);
  expect(Math.abs(last - 2 * Math.min(...distances))).toBeLessThanOrEqual(2);
  expect(endsBeforeEdge).toBe(true);
});

test('the page follows when the system turns dark, charts included', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({ colorScheme: 'light' });
  const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  await vi.waitFor(async () => expect((await lookAtChart(page)).bars).toHaveLength(MONTHS.length), PATIENT);
  const light = { background: await background(), bars: (await lookAtChart(page)).color };

  await page.emulateMedia({ colorScheme: 'dark' });
  await vi.waitFor(async () => expect((await lookAtChart(page)).bars).toHaveLength(MONTHS.length), PATIENT);
  expect(await background()).not.toBe(light.background);
  expect((await lookAtChart(page)).color).not.toBe(light.bars);
});

test('at any width nothing is wider than the window, and no number is broken', async ({ open }) => {
  const page = await open({ viewport: { width: NARROWEST, height: 800 } });
  await page.locator('#empty').waitFor();
  expect(await page.evaluate<number>(WIDTH_OF_CONTENT)).toBe(NARROWEST);

  await countOrders(...ORDERS, { user: LONG_ID, month: '2024-02', value: 999_999_999.99 });
  await page.locator('#top-users').getByText(LONG_ID).click();
  await page.locator('#user').getByText('Found.').waitFor();
  for (const summary of await page.getByText('Months as a table').all()) await summary.click();
  for (let width = NARROWEST; width <= 1280; width += 40) {
    await page.setViewportSize({ width, height: 800 });
    expect([width, await page.evaluate<number>(WIDTH_OF_CONTENT)]).toEqual([width, width]);
    expect([width, ...(await page.evaluate<string[]>(BROKEN_NUMBERS))]).toEqual([width]);
  }
});
