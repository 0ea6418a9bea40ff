import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { expectNoBarriers } from './support/axe.ts';
import { purgeDeadLetters } from './support/deadLetters.ts';
import { live } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', at: '2026-06-30', value: 10 },
  { user: 'U2', at: '2026-06-29', value: 5 },
];
const atNoon = (hash = '') => ({ hash, prepare: (page: Page) => overviewAt(page, '2026-06-30T12:00:00Z') });

const problem = (page: Page) => page.getByRole('region', { name: 'This address shows nothing' });
const focused = (page: Page) =>
  page.evaluate<string>('document.activeElement.id || document.activeElement.textContent');
const isFocused = (page: Page, name: string) => vi.waitFor(async () => expect(await focused(page)).toBe(name), PATIENT);
const isTitled = (page: Page, title: string) => vi.waitFor(async () => expect(await page.title()).toBe(title), PATIENT);

test.for([
  ['#/?last=500-days', 'The range may span at most 366 days, not 500.'],
  ['#/users/U1?from=2026-06-30&to=2026-06-01', 'The start must not be after the end.'],
  ['#/?form=2026-01&to=2026-03', 'form=2026-01&to=2026-03 is no range. A range is last=30-days,'],
  ['#/customers/U1', 'There is nothing at /customers/U1.'],
] as const)(
  'a wrong address says what is wrong, and shows nothing in its place: %s',
  async ([hash, words], { open }) => {
    await purgeDeadLetters();
    await countOrders(...ORDERS);
    const page = await open({}, [], atNoon(hash));
    await live(page);
    await problem(page).getByText(words).waitFor();
    expect(await page.locator('#over-time, #who').filter({ visible: true }).count()).toBe(0);
    expect(await page.locator('#today, #pipeline').filter({ visible: true }).count()).toBe(2);
    await isTitled(page, 'Unknown address · Order statistics');
    await expectNoBarriers(page);

    await problem(page).getByRole('link', { name: 'Show the last days' }).click();
    await page.locator('#over-time .bar').first().waitFor();
    expect(await problem(page).isVisible()).toBe(false);
    await isFocused(page, 'title');
    await page.goBack();
    await problem(page).getByText(words).waitFor();
  },
);

test('every range that an address may have is shown, for all users and for one', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon('#/users/U1'));
  for (const query of [
    'last=1-days',
    'last=366-days',
    'last=1-months',
    'last=120-months',
    'from=1970-01&to=1970-01',
    'from=1970-01-01&to=1970-12-31',
    'from=2024-02-29&to=2024-02-29',
    'from=2026-06-30&to=2026-06-30',
    'from=2026-06-30&to=2026-07-01',
    'from=9999-12&to=9999-12',
    'from=9999-12-31&to=9999-12-31',
    'range=all',
  ]) {
    await page.evaluate(`location.hash = "#/users/U1?${query}"`);
    await page.reload();
    await live(page);
    for (const section of ['#over-time', '#user']) {
      await page.locator(`${section} [data-show=range]`, { hasText: /\d/ }).waitFor();
    }
  }
});

test('each address has its own title', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon());
  await live(page);
  await isTitled(page, 'Order statistics');
  await page.locator('#top-users').getByText('U1').click();
  await isTitled(page, 'User U1 · Order statistics');
  await page.getByRole('navigation', { name: 'Range' }).getByText('12 months').click();
  await isTitled(page, 'User U1, Last 12 months · Order statistics');
  await page.evaluate('location.hash = "#/?from=2026-06-01&to=2026-06-30"');
  await isTitled(page, 'Jun 1, 2026 – Jun 30, 2026 · Order statistics');
});

test('Back moves the focus to where the visitor was, as far as that is still shown', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [404], atNoon());
  await page.locator('#top-users').getByText('U2').click();
  await isFocused(page, 'user-heading');
  await page.goBack();
  await isFocused(page, 'U2');
  await page.goForward();
  await isFocused(page, 'user-heading');
  await page.getByRole('link', { name: 'Close' }).click();
  await isFocused(page, 'U2');

  // A user who is not among the top users.
  await page.getByLabel('User id').fill('U3');
  await page.keyboard.press('Enter');
  await isFocused(page, 'user-heading');
  await page.goBack();
  await isFocused(page, 'user-id');

  await page.getByRole('navigation', { name: 'Range' }).getByText('90 days').click();
  await page.goBack();
  await isTitled(page, 'Order statistics');
  await isFocused(page, '90 days');
});
