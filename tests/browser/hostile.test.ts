import { expect } from 'vitest';
import { countOrders } from './support/orders.ts';
import { test } from './support/test.ts';

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '<svg/onload=alert(3)>',
  '../../health',
];

test('user ids that are HTML, scripts or paths show as text', async ({ open, redis }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  const page = await open({}, [400]);
  await page.locator('#top-users').getByText('U1').click();
  await page.locator('#user-figures').getByText('€1.00').first().waitFor();

  for (const [index, id] of HOSTILE.entries()) {
    await redis.hset(`user:${id}`, { order_count: '1', total_spend: `${1000 - index}.00` });
    await redis.zadd('global:top-users', 1000 - index, id);
  }
  await redis.hset('global:stats', { total_orders: '5', total_revenue: '3995.00' });
  // Has the page read all again.
  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  const users = page.locator('#top-users tbody th');
  await users.nth(HOSTILE.length).waitFor();
  expect(await users.allTextContents()).toEqual([...HOSTILE, 'U1']);

  for (const id of HOSTILE) {
    await page.locator('#top-users').getByRole('link', { name: id, exact: true }).click();
    await page.locator('#user').getByText('user_id must be').waitFor();
    expect(await page.locator('#user-heading').textContent()).toBe(`User ${id}`);
  }
  // The page has one script, and draws its pictures itself, without handlers.
  expect(await page.locator('script').count()).toBe(1);
  expect(await page.locator('img, [onload], [onerror]').count()).toBe(0);
});
