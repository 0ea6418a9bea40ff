import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { expectNoBarriers } from './support/axe.ts';
import { purgeDeadLetters } from './support/deadLetters.ts';
import { countOrders, send } from './support/orders.ts';
import { stopRedis } from './support/redisAway.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', at: '2024-02', value: 12.34 },
  { user: 'U2', at: '2024-03', value: 5 },
];

/** Of a small phone. */
const NARROW = { width: 360, height: 800 };

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed++) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`The Tab key does not lead to ${selector}`);
}

test.for([
  { name: 'on a screen', viewport: { width: 1280, height: 900 } },
  { name: 'on a small phone', viewport: NARROW },
])('axe finds nothing $name, in light and dark colours, whatever the page shows', async ({ viewport }, { open }) => {
  await purgeDeadLetters();
  const page = await open({ viewport }, [404, 503]);
  await page.locator('#empty').waitFor();
  await expectNoBarriers(page);

  await send(['not JSON']);
  await countOrders(...ORDERS);
  await page.locator('#top-users').getByText('U1').click();
  await page.locator('#user-figures').getByText('€12.34').first().waitFor();
  await page.getByText('1 message is in the dead-letter queue').waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  await page.locator('#over-time .chart').hover();
  await expectNoBarriers(page);

  await page.getByLabel('User id').fill('nobody');
  await page.keyboard.press('Enter');
  await page.getByText('No order of user nobody').waitFor();
  await page.getByLabel('From', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.locator('#range-problem', { hasText: /./ }).waitFor();
  await expectNoBarriers(page);

  await stopRedis();
  await page.locator('body[data-state=away]').waitFor();
  await expectNoBarriers(page);
});

test('screen readers do not hear the dashes of what is not known, or the dots between words', async ({ open }) => {
  await countOrders(...ORDERS);
  await stopRedis();
  const page = await open({}, [503]);
  await page.getByText('There are no figures yet.').waitFor();
  expect(await page.getByText('–', { exact: true }).filter({ visible: true }).count()).toBeGreaterThan(0);
  expect(await page.locator('footer').textContent()).toContain(' · Version');
  expect(await page.locator('body').ariaSnapshot()).not.toMatch(/[–·…]/);
});

test('with only the keyboard users are searched for, and chosen from the top users', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').waitFor();
  await tabTo(page, '#user-id');
  await page.keyboard.type('U1');
  await page.keyboard.press('Enter');
  await page.locator('#user-figures').getByText('€12.34').first().waitFor();

  await page.reload();
  await page.locator('#top-users').getByText('U2').waitFor();
  await tabTo(page, '#top-users a:text("U2")');
  await page.keyboard.press('Enter');
  await page.locator('#user-figures').getByText('€5.00').first().waitFor();
  expect(await page.locator('#user-heading:focus').textContent()).toBe('User U2');
});

test('a top user keeps the focus while the figures change', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').focus();
  await countOrders({ user: 'U2', at: '2024-03', value: 100 });
  await page.locator('#top-users').getByText('€105.00').waitFor();
  expect(await page.locator('#top-users a:focus').textContent()).toBe('U2');
});

test('the state at the top leads to what it is about', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').waitFor();
  await tabTo(page, '#status');
  await page.keyboard.press('Enter');
  expect(await page.locator('#pipeline-heading:focus').textContent()).toBe('Is the pipeline well?');
});

test('nothing moves for who prefers less motion', async ({ open }) => {
  await countOrders(...ORDERS);
  const moving = '[...document.querySelectorAll("*")].filter((element) => element.getAnimations().length > 0).length';
  const page = await open({ reducedMotion: 'reduce' });
  await page.locator('body[data-state=live]').waitFor();
  expect(await page.evaluate(moving)).toBe(0);
});
