import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const atNoon = { prepare: (page: Page) => overviewAt(page, '2026-06-30T12:00:00Z') };
const CHART = '#over-time .chart';
const PHONE = { hasTouch: true, viewport: { width: 360, height: 800 } };

const ORDERS = [
  { user: 'U1', at: '2026-06-30', value: 10 },
  { user: 'U1', at: '2026-06-29', value: 20 },
];

/** Finds the middle of a day's bar, even while the page redraws it. */
function bar(page: Page, at: 'today' | 'yesterday'): Promise<{ x: number; y: number }> {
  const kind = at === 'today' ? '.current' : ':not(.current)';
  const locator = page.locator(`${CHART} .bar.amount${kind}`);
  return vi.waitFor(async () => {
    await locator.scrollIntoViewIfNeeded();
    const box = await locator.boundingBox();
    if (!box) throw new Error('There is no bar');
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }, PATIENT);
}

/** A finger on the screen. */
async function finger(page: Page) {
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints });
  return {
    down: (x: number, y: number) => send('touchStart', { x, y }),
    move: (x: number, y: number) => send('touchMove', { x, y }),
    up: () => send('touchEnd'),
  };
}

const noted = async (page: Page) => {
  const note = page.locator(`${CHART} .note:visible span`);
  return (await note.count()) === 0 ? undefined : note.nth(1).textContent();
};
const notes = (page: Page, amount: string | undefined) =>
  vi.waitFor(async () => expect(await noted(page)).toBe(amount), PATIENT);

test('a tap has the note of a bar stay, until a tap on the same bar or beside the chart', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open(PHONE, [], atNoon);
  await live(page);
  const [today, yesterday] = [await bar(page, 'today'), await bar(page, 'yesterday')];
  await page.touchscreen.tap(yesterday.x, yesterday.y);
  await notes(page, '€20.00');
  await page.touchscreen.tap(today.x, today.y);
  await notes(page, '€10.00');
  await page.touchscreen.tap(today.x, today.y);
  await notes(page, undefined);
  await page.touchscreen.tap(today.x, today.y);
  await notes(page, '€10.00');
  await page.locator('#over-time-heading').tap();
  await notes(page, undefined);
});

test('a finger that moves sideways goes through the bars, one that moves up scrolls the page', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open(PHONE, [], atNoon);
  await live(page);
  const [today, yesterday] = [await bar(page, 'today'), await bar(page, 'yesterday')];
  const { down, move, up } = await finger(page);
  await down(yesterday.x, yesterday.y);
  await notes(page, '€20.00');
  // Beyond the distance that a browser takes for a tap.
  for (const x of [yesterday.x - 30, yesterday.x, today.x]) await move(x, yesterday.y);
  await notes(page, '€10.00');
  await up();
  expect(await noted(page)).toBe('€10.00');

  const scrolled = () => page.evaluate<number>('scrollY');
  const before = await scrolled();
  await down(today.x, today.y);
  for (const distance of [20, 60, 100]) await move(today.x, today.y - distance);
  await up();
  await vi.waitFor(async () => expect(await scrolled()).toBeGreaterThan(before), PATIENT);
  await notes(page, undefined);
});

test('a click has the note stay too', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon);
  await live(page);
  const { x, y } = await bar(page, 'yesterday');
  await page.mouse.click(x, y);
  await page.mouse.move(0, 0);
  await notes(page, '€20.00');
  await page.keyboard.press('Escape');
  await notes(page, undefined);
});

test('a note does not stay when its bar becomes another one', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon);
  await live(page);
  await page.evaluate('location.hash = "#/?from=2026-06-29&to=2026-06-29"');
  await vi.waitFor(async () => expect(await page.locator(`${CHART} .bar.amount`).count()).toBe(1), PATIENT);
  const { x, y } = await bar(page, 'yesterday');
  await page.mouse.click(x, y);
  await notes(page, '€20.00');
  await page.evaluate('location.hash = "#/?from=2026-06-30&to=2026-06-30"');
  await page.locator(`${CHART} .bar.current`).first().waitFor();
  await notes(page, undefined);
});
