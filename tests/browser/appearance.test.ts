import { expect } from 'vitest';
import { countOrders } from './support/orders.ts';
import { test } from './support/test.ts';

const MONTHS = ['08', '09', '10', '11', '12'].map((month) => `2023-${month}`);
MONTHS.push(...['01', '02', '03', '05'].map((month) => `2024-${month}`));
const ORDERS = MONTHS.map((month) => ({ user: 'U1', at: month, value: 278000.07 }));

/** The longest id that a user may have, without a place to break it. */
const LONG_ID = 'U'.repeat(128);

/** Of a small phone, in pixels. */
const NARROWEST = 360;

const WIDTH_OF_CONTENT = 'document.documentElement.scrollWidth';

/** Numbers on more than one line, or out of their place. */
const BROKEN_NUMBERS = `[...document.querySelectorAll('.value, dd:not(.hint, .line), td')].flatMap((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const { right } = cell.getBoundingClientRect();
  const lines = [...text.getClientRects()];
  return lines.length > 1 || lines.some((line) => line.right > right + 1) ? [cell.textContent] : [];
})`;

test('the page follows when the system turns dark, charts included', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({ colorScheme: 'light' });
  const bar = page.locator('#over-time .bar.amount').first();
  await bar.waitFor();
  const colors = async () => [
    await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'),
    await page.evaluate<string>(`getComputedStyle(document.querySelector('#over-time .bar.amount')).fill`),
  ];
  const light = await colors();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await colors();
  expect(dark[0]).not.toBe(light[0]);
  expect(dark[1]).not.toBe(light[1]);
});

test('at any width nothing is wider than the window, and no number is broken', async ({ open }) => {
  const page = await open({ viewport: { width: NARROWEST, height: 800 } });
  await page.locator('#empty').waitFor();
  expect(await page.evaluate<number>(WIDTH_OF_CONTENT)).toBe(NARROWEST);

  await countOrders(...ORDERS, { user: LONG_ID, at: '2024-02', value: 999_999_999.99 });
  await page.locator('#top-users').getByText(LONG_ID).click();
  await page.locator('#user-figures').getByText('€999,999,999.99').first().waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  for (let width = NARROWEST; width <= 1280; width += 40) {
    await page.setViewportSize({ width, height: 800 });
    expect([width, await page.evaluate<number>(WIDTH_OF_CONTENT)]).toEqual([width, width]);
    expect([width, ...(await page.evaluate<string[]>(BROKEN_NUMBERS))]).toEqual([width]);
  }
});
