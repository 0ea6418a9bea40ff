import { expect } from 'vitest';
import { live } from './support/look.ts';
import { countOrders } from './support/orders.ts';
import { test } from './support/test.ts';

/** Has the page add up how far its parts jump: the Cumulative Layout Shift. */
const ADD_SHIFTS = `{
  window.shifted = 0;
  const add = (list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifted += value;
  };
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
}`;

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

const ORDERS = [0, 1, 5, 9, 20, 33, 50].map((days) => ({ user: `U${days}`, at: daysAgo(days), value: 1234.56 }));

for (const hash of ['', '#/users/U5?last=90-days']) {
  test.for([
    { width: 1280, height: 900 },
    { width: 1280, height: 1600 },
    { width: 768, height: 1024 },
    { width: 360, height: 800 },
  ])(`hardly anything jumps while ${hash || 'the page'} loads, $width × $height`, async (viewport, { open }) => {
    await countOrders(...ORDERS);
    const page = await open({ viewport }, [], {
      hash,
      prepare: async (page) => {
        await page.addInitScript(ADD_SHIFTS);
      },
    });
    await live(page);
    await page
      .locator(hash ? '#user-figures .bar' : '#over-time .bar')
      .first()
      .waitFor();
    expect(await page.evaluate<number>('window.shifted')).toBeLessThanOrEqual(0.05);
  });
}

test('nothing jumps while a page without orders loads', async ({ open }) => {
  const page = await open({}, [], {
    prepare: async (page) => {
      await page.addInitScript(ADD_SHIFTS);
    },
  });
  await page.locator('#empty').waitFor();
  await live(page);
  expect(await page.evaluate<number>('window.shifted')).toBeLessThanOrEqual(0.05);
});
