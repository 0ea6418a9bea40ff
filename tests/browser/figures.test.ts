import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { ask, countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', month: '2023-11', value: 1234.5 },
  { user: 'U1', month: '2024-02', value: 99.99 },
  { user: 'U2', month: '2024-02', value: 2500000.25 },
  { user: 'U3', month: '2024-02', value: 0.01 },
];

/** Longest time from what the API says to what the page shows. */
const LIVE = { timeout: 3000, interval: 20 };

/** The texts of an element's cells, row by row. */
const rows = async (page: Page, table: string): Promise<string[][]> => {
  const found = await page.locator(`${table} tbody tr`).all();
  return Promise.all(found.map((row) => row.locator('th, td').allTextContents()));
};

const totals = (page: Page, section: string): Promise<string[]> => page.locator(`${section} dd`).allTextContents();

test('totals, months and top users are those of the API, written for people', async ({ open }) => {
  await countOrders(...ORDERS);
  expect(await ask('/stats/global?from=2023-01&to=2024-12')).toMatchObject({
    total_orders: 4,
    total_revenue: 2501334.75,
    months: [
      { month: '2023-11', total_orders: 1, total_revenue: 1234.5 },
      { month: '2024-02', total_orders: 3, total_revenue: 2500100.25 },
    ],
  });
  const page = await open();
  await vi.waitFor(
    async () => expect(await totals(page, '#everybody')).toEqual(['4', '2,501,334.75', '625,333.69']),
    PATIENT,
  );
  expect(await rows(page, '#everybody')).toEqual([
    ['November 2023', '1', '1,234.50'],
    ['February 2024', '3', '2,500,100.25'],
  ]);
  expect(await page.locator('#everybody [data-show=range]').textContent()).toBe('November 2023 to February 2024');
  const users = [
    ['1', 'U2', '1', '2,500,000.25'],
    ['2', 'U1', '2', '1,334.49'],
    ['3', 'U3', '1', '0.01'],
  ];
  await vi.waitFor(async () => expect(await rows(page, '#top-users')).toEqual(users), PATIENT);
});

test('a user who is searched for is shown with months', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.getByLabel('User id').fill(' U1 ');
  await page.getByRole('button', { name: 'Search' }).click();
  await vi.waitFor(async () => expect(await totals(page, '#user')).toEqual(['2', '1,334.49', '667.25']), PATIENT);
  expect(await rows(page, '#user')).toEqual([
    ['November 2023', '1', '1,234.50'],
    ['February 2024', '1', '99.99'],
  ]);
  expect(await page.getByRole('heading', { name: 'User U1' }).isVisible()).toBe(true);
});

test('of a user without orders, and of what is no user id, the page says so and shows no figures', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [400, 404]);
  for (const [id, reason] of [
    ['U4', 'No order of user U4 was counted.'],
    ['a b', /^user_id must be 1 to 128 characters/],
  ] as const) {
    await page.getByLabel('User id').fill(id);
    await page.keyboard.press('Enter');
    await page.locator('#user').getByText(reason).waitFor();
    expect(await page.locator('#user .statistics').isVisible()).toBe(false);
  }
  expect(await page.locator('body').getAttribute('data-state')).toBe('live');
});

test('an order sent to the queue shows within three seconds of being counted, without a reload', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open();
  await page.locator('#top-users').getByText('U2').click();
  await page.locator('#user').locator('dd', { hasText: '2,500,000.25' }).first().waitFor();

  await countOrders({ user: 'U2', month: '2024-03', value: 1.5 });
  await vi.waitFor(
    async () => expect(await totals(page, '#everybody')).toEqual(['5', '2,501,336.25', '500,267.25']),
    LIVE,
  );
  expect((await rows(page, '#everybody')).at(-1)).toEqual(['March 2024', '1', '1.50']);
  await vi.waitFor(
    async () => expect((await rows(page, '#top-users'))[0]).toEqual(['1', 'U2', '2', '2,500,001.75']),
    PATIENT,
  );
  await page.locator('#user').locator('dd', { hasText: '2,500,001.75' }).first().waitFor();
});

test('without any orders the page tells how to send some, then shows the first one', async ({ open }) => {
  const page = await open();
  await page.getByRole('heading', { name: 'No orders yet' }).waitFor();
  expect(await page.locator('#empty code').textContent()).toBe('npm run populate -- --count 1000');
  expect(await totals(page, '#everybody')).toEqual(['0', '0.00', '–']);
  for (const section of ['#top-users', '#user', '#everybody .months']) {
    expect(await page.locator(section).first().isVisible()).toBe(false);
  }
  await countOrders({ user: 'U1', month: '2024-02', value: 1 });
  await page.getByRole('heading', { name: 'Top users' }).waitFor();
  expect(await page.getByRole('heading', { name: 'No orders yet' }).isVisible()).toBe(false);
});
