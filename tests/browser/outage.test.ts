import { expect } from 'vitest';
import { live, measureOf, sumsOf } from './support/look.ts';
import { countOrders } from './support/orders.ts';
import { stopRedis } from './support/redisAway.ts';
import { test } from './support/test.ts';

test('while Redis is away the page says so and keeps the last figures; it recovers without a reload', async ({
  open,
}) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [503]);
  await live(page);
  expect(await page.locator('#banner').textContent()).toBe('');

  const goOn = await stopRedis();
  await page.locator('body[data-state=away]').waitFor();
  expect(await page.locator('#banner').textContent()).toMatch(
    /^The statistics cannot be read at the moment\. These figures are from \d+:\d\d:\d\d\s[AP]M\. This page keeps trying\.$/,
  );
  expect(await sumsOf(page, '#over-time')).toEqual(['€12.34', '1', '€12.34']);

  goOn();
  await live(page);
  expect(await page.locator('#banner').textContent()).toBe('');
  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  await page.locator('#over-time').getByText('€13.34').first().waitFor();
});

test('a page that is opened while Redis is away has no figures, and shows them once it is back', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const goOn = await stopRedis();
  const page = await open({}, [503]);
  await page.getByText('There are no figures yet.').waitFor();
  expect((await measureOf(page, 1, 'amount')).value).toBe('–');
  expect(await page.locator('#over-time, #who, #empty').filter({ visible: true }).count()).toBe(0);

  goOn();
  await page.locator('#over-time').getByText('€12.34').first().waitFor();
  // The last of what is read: the banner goes when all of it is there.
  await live(page);
  expect(await page.locator('#banner').textContent()).toBe('');
});

test('while the API is away nothing is known of the pipeline, and the page goes on without a reload', async ({
  open,
}) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [502]);
  await live(page);
  await page.route('**/overview', (route) => route.fulfill({ status: 502, body: 'Bad Gateway' }));
  await page.getByText('Not up to date').waitFor();
  expect(await page.locator('#banner').textContent()).toMatch(/^The API fails\. It answers with status 502\./);
  expect(await page.locator('#verdict-title').textContent()).toBe('Not known');
  await page.unrouteAll();
  await live(page);
  expect(await page.locator('#banner').textContent()).toBe('');
});
