import { expect } from 'vitest';
import { live } from './support/look.ts';
import { countOrders } from './support/orders.ts';
import { test } from './support/test.ts';

/** Between the margins of A4, in CSS pixels. */
const A4 = { width: 680, height: 1009 };

/** A browser does not tell the page of the width of the paper. */
const KEEP_SIZE = `window.ResizeObserver = class extends ResizeObserver {
  constructor(onResize) {
    super((entries) => window.isPrinting || onResize(entries));
  }
}`;

const TABLES = `[...document.querySelectorAll('.series details')].map(({ open }) => open)`;

/** The parts that stand out to the right of the paper. */
const CUT_OFF = `[...document.querySelectorAll('main *, header *, footer *')]
  .filter((element) => element.checkVisibility() && !element.closest('.visually-hidden'))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 80))`;

test('a print is light, as wide as the paper, and has what one needs on paper', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 999_999_999.99 });
  const page = await open({ colorScheme: 'dark', viewport: { width: 1280, height: 900 } }, [], {
    hash: '#/users/U1',
    prepare: async (page) => {
      await page.addInitScript(KEEP_SIZE);
    },
  });
  await live(page);
  await page.locator('#user-figures .bar').first().waitFor();
  await page.evaluate('window.isPrinting = true');
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize(A4);
  expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(26, 31, 43)');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(A4.width);
  expect(await page.evaluate(CUT_OFF)).toEqual([]);
  for (const name of ['#range-links', '#user-form', '.quiet', 'summary']) {
    expect([name, await page.locator(name).filter({ visible: true }).count()]).toEqual([name, 0]);
  }
});

test('tables are open while the page is printed, and as before after it', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 10 });
  const page = await open({}, [], { hash: '#/users/U1' });
  await live(page);
  await page.locator('#user-figures .bar').first().waitFor();
  await page.locator('#user-figures summary').click();
  await page.evaluate(`addEventListener('beforeprint', () => { window.printed = ${TABLES}; })`);
  await page.pdf();
  expect(await page.evaluate('window.printed')).toEqual([true, true]);
  expect(await page.evaluate(TABLES)).toEqual([false, true]);
});
