import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { expectNoBarriers } from './support/axe.ts';
import { countOrders } from './support/orders.ts';
import { stopRedis } from './support/redisAway.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', month: '2024-02', value: 12.34 },
  { user: 'U2', month: '2024-03', value: 5 },
];

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 20; pressed++) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`The Tab key does not lead to ${selector}`);
}

test('axe finds nothing, in light and dark colours, whatever the page shows', async ({ open }) => {
  const page = await open({}, [404, 503]);
  await page.locator('#empty').waitFor();
  await expectNoBarriers(page);

  await countOrders(...ORDERS);
  await page.locator('#top-users').getByText('U1').click();
  await page.locator('#user').getByText('Found.').waitFor();
  for (const summary of await page.getByText('Months as a table').all()) await summary.click();
  await expectNoBarriers(page);

  await page.getByLabel('User id').fill('nobody');
  await page.keyboard.press('Enter');
  await page.getByText('No order of user nobody').waitFor();
  await expectNoBarriers(page);

  await stopRedis();
  await page.getByText('Not up to date').waitFor();
  await expectNoBarriers(page);
});

test('with the keyboard alone users are searched for, and chosen from the top users', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').waitFor();
  await tabTo(page, '#user-id');
  await page.keyboard.type('U1');
  await page.keyboard.press('Enter');
  await page.locator('#user').locator('dd', { hasText: '12.34' }).first().waitFor();

  await page.reload();
  await page.locator('#top-users').getByText('U2').waitFor();
  await tabTo(page, '#top-users button:text("U2")');
  await page.keyboard.press('Enter');
  await page.locator('#user').locator('dd', { hasText: '5.00' }).first().waitFor();
  expect(await page.locator('#user-heading:focus').textContent()).toBe('User U2');
});

test('a top user keeps the focus while the figures change', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').focus();
  await countOrders({ user: 'U2', month: '2024-03', value: 100 });
  await page.locator('#top-users').getByText('105.00').waitFor();
  expect(await page.locator('#top-users button:focus').textContent()).toBe('U2');
});
