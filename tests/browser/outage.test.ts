import { expect } from 'vitest';
import { countOrders } from './support/orders.ts';
import { stopRedis } from './support/redisAway.ts';
import { test } from './support/test.ts';

test('while Redis is away the page says so and keeps the last figures; it recovers by itself', async ({ open }) => {
  await countOrders({ user: 'U1', month: '2024-02', value: 12.34 });
  const page = await open({}, [503]);
  await page.locator('body[data-state=live]').waitFor();
  expect(await page.locator('#banner').textContent()).toBe('');

  const goOn = await stopRedis();
  await page.getByText('Not up to date').waitFor();
  expect(await page.locator('#banner').textContent()).toMatch(
    /^The statistics cannot be read at the moment\. These are the figures of \d\d:\d\d:\d\d\. This page keeps trying by itself\.$/,
  );
  expect(await page.locator('#everybody dd').allTextContents()).toEqual(['1', '12.34', '12.34']);

  goOn();
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.locator('#banner').textContent()).toBe('');
  await countOrders({ user: 'U1', month: '2024-02', value: 1 });
  await page.locator('#everybody').getByText('13.34').first().waitFor();
});

test('a page that is opened while Redis is away has no figures, and shows them once it is back', async ({ open }) => {
  await countOrders({ user: 'U1', month: '2024-02', value: 12.34 });
  const goOn = await stopRedis();
  const page = await open({}, [503]);
  await page.getByText('There are no figures yet.').waitFor();
  expect(await page.locator('#everybody dd').allTextContents()).toEqual(['–', '–', '–']);
  expect(await page.locator('#top-users, #user, #empty').filter({ visible: true }).count()).toBe(0);

  goOn();
  await page.locator('#everybody').getByText('12.34').first().waitFor();
  // The last of what is read: the banner goes when all of it is there.
  await page.locator('body[data-state=live]').waitFor();
  expect(await page.locator('#banner').textContent()).toBe('');
});
