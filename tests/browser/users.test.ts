import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import { live, rowsOf, sumsOf } from './support/look.ts';
import { ask, countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', at: '2023-11', value: 1234.5 },
  { user: 'U1', at: '2024-02', value: 99.99 },
  { user: 'U2', at: '2024-02', value: 5 },
];

test('a user found by search is shown with the months of the API', async ({ open }) => {
  await countOrders(...ORDERS);
  expect(await ask('/users/U1/stats')).toEqual({ user_id: 'U1', order_count: 2, total_spend: 1334.49 });
  const page = await open();
  await live(page);
  await page.getByLabel('User id').fill(' U1 ');
  await page.getByRole('button', { name: 'Search' }).click();
  const totals = page.locator('#user-figures [data-total]');
  await vi.waitFor(async () => expect(await totals.allTextContents()).toEqual(['€1,334.49', '2', '€667.25']), PATIENT);
  await vi.waitFor(async () => expect(await sumsOf(page, '#user')).toEqual(['€1,334.49', '2', '€667.25']), PATIENT);
  expect(await rowsOf(page, '#user')).toEqual([
    ['November 2023', '1', '€1,234.50'],
    ['December 2023', '0', '€0.00'],
    ['January 2024', '0', '€0.00'],
    ['February 2024', '1', '€99.99'],
  ]);
  expect(await page.getByRole('heading', { name: 'User U1' }).isVisible()).toBe(true);
});

test('a search without a hit says what it looked for, and shows no figures', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [400, 404]);
  await live(page);
  for (const [id, reason] of [
    ['U4', 'No order of user U4 was counted.'],
    ['a b', /^user_id must be 1 to 128 characters/],
  ] as const) {
    await page.getByLabel('User id').fill(id);
    await page.keyboard.press('Enter');
    await page.locator('#user').getByText(reason).waitFor();
    expect(await page.locator('#user-heading').textContent()).toBe(`User ${id}`);
    expect(await page.locator('#user-figures').isVisible()).toBe(false);
  }
  expect(await page.locator('body').getAttribute('data-state')).toBe('live');
  // Once the user has an order, it shows.
  await page.getByLabel('User id').fill('U4');
  await page.keyboard.press('Enter');
  await countOrders({ user: 'U4', at: '2024-02', value: 7 });
  await page.locator('#user-figures').getByText('€7.00').first().waitFor();
});

test('each user has an address that can be shared, Back and Forward go through those that were shown', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  const page = await open();
  await live(page);
  const heading = page.locator('#user-heading:visible');
  await page.locator('#top-users').getByText('U1').click();
  await page.locator('#user-figures').getByText('€1,334.49').first().waitFor();
  await page.locator('#top-users').getByText('U2').click();
  await page.locator('#user-figures').getByText('€5.00').first().waitFor();
  const shared = page.url();
  expect(shared).toMatch(/#\/users\/U2$/);

  await page.goBack();
  await page.locator('#user-figures').getByText('€1,334.49').first().waitFor();
  await page.goBack();
  await page.getByText('Search for a user, or choose one').waitFor();
  expect(await heading.count()).toBe(0);
  await page.goForward();
  await page.locator('#user-figures').getByText('€1,334.49').first().waitFor();

  const other = await open({}, [], { hash: new URL(shared).hash });
  await other.locator('#user-figures').getByText('€5.00').first().waitFor();
  await other.getByRole('link', { name: 'Close' }).click();
  await other.getByText('Search for a user, or choose one').waitFor();
  expect(other.url()).toMatch(/#\/$/);
});

test('ten top users are shown, and up to a hundred are saved; without an answer, none and the reason', async ({
  open,
}) => {
  const ORDERS = Array.from({ length: 12 }, (_, index) => ({ user: `U${index}`, at: '2024-02', value: 100 - index }));
  await countOrders(...ORDERS.slice(0, 6));
  await countOrders(...ORDERS.slice(6));
  const page = await open({}, [503]);
  await vi.waitFor(async () => expect(await rowsOf(page, '#top-users')).toHaveLength(10), PATIENT);
  const button = page.locator('#top-users').getByRole('button', { name: 'Save as CSV' });

  await page.route('**/top-users?*', (route) => route.fulfill({ status: 503, body: '' }));
  await button.click();
  await page.locator('#top-users').getByText('The API fails. It answers with status 503.').waitFor();
  await page.unrouteAll();
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const lines = (await text(await download.createReadStream())).trimEnd().split('\r\n');
  expect([lines.length, lines[1], lines.at(-1)]).toEqual([13, '1,U0,1,100.00', '12,U11,1,89.00']);
  expect(await page.locator('#top-users .problem').textContent()).toBe('');
});
