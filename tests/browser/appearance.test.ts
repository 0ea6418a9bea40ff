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
  const right = Math.min(cell.getBoundingClientRect().right, cell.closest('.card').getBoundingClientRect().right);
  const lines = [...text.getClientRects()];
  return new Set(lines.map(({ top }) => Math.round(top))).size > 1 || lines.some((line) => line.right > right + 1) ? [cell.textContent] : [];
})`;

/** Amounts that their line crosses. */
const CROSSED = `[...document.querySelectorAll('.measure')].flatMap((measure) => {
  const value = measure.querySelector('.value').getBoundingClientRect();
  const line = measure.querySelector('.line').getBoundingClientRect();
  const isCrossed = line.left < value.right && line.right > value.left && line.top < value.bottom && line.bottom > value.top;
  return isCrossed ? [measure.textContent] : [];
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

test('at any width nothing is wider than the window, and no number is broken', async ({ open, redis }) => {
  const page = await open({ viewport: { width: NARROWEST, height: 800 } });
  await page.locator('#empty').waitFor();
  expect(await page.evaluate<number>(WIDTH_OF_CONTENT)).toBe(NARROWEST);

  await countOrders(...ORDERS, { user: LONG_ID, at: '2024-02', value: 999_999_999.99 });
  // The largest total that there can be.
  await redis.hset(
    'global:days',
    new Date().toISOString().slice(0, 'YYYY-MM-DD'.length),
    '900000000 90000000000000.00',
  );
  await page.reload();
  await page.locator('#top-users').getByText(LONG_ID).click();
  await page.locator('#user-figures').getByText('€999,999,999.99').first().waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  for (let width = NARROWEST; width <= 1280; width += 40) {
    await page.setViewportSize({ width, height: 800 });
    expect([width, await page.evaluate<number>(WIDTH_OF_CONTENT)]).toEqual([width, width]);
    expect([width, ...(await page.evaluate<string[]>(BROKEN_NUMBERS))]).toEqual([width]);
    expect([width, ...(await page.evaluate<string[]>(CROSSED))]).toEqual([width]);
  }
});

/** The bars of a chart by name, each with its colour as red, green and blue, and that of the card. */
const COLOURS = `Object.fromEntries([
  ['card', getComputedStyle(document.querySelector('#over-time .card')).backgroundColor],
  ...['amount', 'orders'].map((name) => [
    name,
    getComputedStyle(document.querySelector('#over-time .bar.' + name + ':not(.current)')).fill,
  ]),
].map(([name, colour]) => [name, colour.match(/[\\d.]+/g).slice(0, 3).map(Number)]))`;

/** How bright a colour is, as WCAG 2 defines it. */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[] = [], other: readonly number[] = []): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

test.for([
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { forcedColors: 'active', colorScheme: 'light' },
  { forcedColors: 'active', colorScheme: 'dark' },
] as const)('bars stand out from the card: %o', async (colours, { open }) => {
  await countOrders(...ORDERS);
  const page = await open(colours);
  await page.locator('#over-time .bar.amount').first().waitFor();
  const { card, amount, orders } = await page.evaluate<Record<string, number[]>>(COLOURS);
  expect(contrast(amount, card)).toBeGreaterThanOrEqual(3);
  expect(contrast(orders, card)).toBeGreaterThanOrEqual(3);
  expect(await page.evaluate('getComputedStyle(document.querySelector(".light")).backgroundColor')).not.toBe(
    await page.evaluate('getComputedStyle(document.querySelector("#status")).backgroundColor'),
  );
});

test('all of the page grows with the text size of the browser, charts included', async ({ open }) => {
  await countOrders(...ORDERS);
  const sizes = `[...document.querySelectorAll('body :not(svg *)')].filter((element) => element.checkVisibility())
    .map((element) => parseFloat(getComputedStyle(element).fontSize))`;
  const labelHeight = async () => (await page.locator('#over-time .label').first().boundingBox())?.height ?? 0;
  const page = await open();
  await page.locator('#over-time .label').first().waitFor();
  const [before, small] = [await page.evaluate<number[]>(sizes), await labelHeight()];
  await page.evaluate('document.documentElement.style.fontSize = "32px"');
  await page.waitForFunction('document.querySelector("#over-time .chart").clientHeight > 600');
  const after = await page.evaluate<number[]>(sizes);
  expect(Math.min(...after)).toBeGreaterThan(Math.min(...before));
  expect(await labelHeight()).toBeGreaterThan(1.8 * small);
  expect(await page.evaluate(WIDTH_OF_CONTENT)).toBe(1280);
});
