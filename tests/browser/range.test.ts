import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live, rowsOf, sumsOf } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const NOON = '2026-06-30T12:00:00Z';
const ORDERS = [
  { user: 'U1', at: '2026-06-30', value: 10 },
  { user: 'U2', at: '2026-06-02', value: 20.5 },
  { user: 'U1', at: '2026-04-11', value: 40 },
  { user: 'U1', at: '2019-02-28', value: 7.99 },
];

const atNoon = { prepare: (page: Page) => overviewAt(page, NOON) };
const range = (page: Page) => page.locator('#over-time [data-show=range]').textContent();
const shows = (page: Page, text: string) => vi.waitFor(async () => expect(await range(page)).toBe(text), PATIENT);

/** Saves a file by a button; its name and its lines. */
async function save(page: Page, section: string): Promise<{ name: string; lines: string[] }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator(`${section} [data-do=save]`).first().click(),
  ]);
  const file = join(await mkdtemp(join(tmpdir(), 'orders-csv-')), 'saved.csv');
  await download.saveAs(file);
  const text = await readFile(file, 'utf8');
  await rm(dirname(file), { recursive: true });
  return { name: download.suggestedFilename(), lines: text.split('\r\n') };
}

test('ranges are chosen by links and by dates; the address holds them, Back goes to the one before', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon);
  await live(page);
  const links = page.getByRole('navigation', { name: 'Range' });
  expect(await links.locator('[aria-current]').allTextContents()).toEqual(['30 days']);

  await links.getByText('12 months').click();
  await shows(page, 'Jul 2025 – Jun 2026');
  expect(new URL(page.url()).hash).toBe('#/?last=12-months');
  expect(await sumsOf(page, '#over-time')).toEqual(['€70.50', '3', '€23.50']);
  expect(await links.locator('[aria-current]').allTextContents()).toEqual(['12 months']);

  await page.getByText('Other dates').click();
  await page.getByLabel('Show', { exact: true }).selectOption('Days');
  await page.getByLabel('From', { exact: true }).fill('2026-04-10');
  await page.getByLabel('To', { exact: true }).fill('2026-04-12');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await shows(page, 'Apr 10, 2026 – Apr 12, 2026');
  expect(new URL(page.url()).hash).toBe('#/?from=2026-04-10&to=2026-04-12');
  expect(await rowsOf(page, '#over-time')).toEqual([
    ['Apr 10, 2026', '0', '€0.00'],
    ['Apr 11, 2026', '1', '€40.00'],
    ['Apr 12, 2026', '0', '€0.00'],
  ]);
  expect(await links.locator('[aria-current]').count()).toBe(0);

  await page.goBack();
  await shows(page, 'Jul 2025 – Jun 2026');
  await page.goForward();
  await shows(page, 'Apr 10, 2026 – Apr 12, 2026');
  const other = await open({}, [], { ...atNoon, hash: new URL(page.url()).hash });
  await shows(other, 'Apr 10, 2026 – Apr 12, 2026');
});

test('dates that make no range are refused with the reason', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], atNoon);
  await live(page);
  await page.getByText('Other dates').click();
  for (const [from, to, reason] of [
    ['2026-04-12', '2026-04-10', 'The start must not be after the end.'],
    ['2025-01-01', '2026-04-10', 'The range may span at most 366 days, not 465.'],
    ['', '2026-04-10', 'Enter a start and an end date (1970 or later).'],
  ] as const) {
    await page.getByLabel('From', { exact: true }).fill(from);
    await page.getByLabel('To', { exact: true }).fill(to);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText(reason).waitFor();
    expect(new URL(page.url()).hash).toBe('');
  }
});

const comparison = (page: Page) => page.locator('.compare');
const changes = (page: Page) => comparison(page).locator('li').allTextContents();

test('a range is compared with the one before it and with a year before, without the day that is not over', async ({
  open,
}) => {
  await countOrders(
    { user: 'U1', at: '2026-06-30', value: 1000 },
    { user: 'U1', at: '2026-06-29', value: 30 },
    { user: 'U1', at: '2026-06-01', value: 20 },
    // The 29 days before, of which this is the last; the day after it stands behind today.
    { user: 'U1', at: '2026-05-30', value: 40 },
    { user: 'U1', at: '2026-05-31', value: 500 },
    // The same days of the week, 52 weeks before.
    { user: 'U1', at: '2025-06-02', value: 10 },
    { user: 'U1', at: '2025-06-30', value: 15 },
    { user: 'U1', at: '2025-07-01', value: 600 },
  );
  const page = await open({}, [], atNoon);
  await live(page);
  expect(await page.locator('#over-time [data-show=time]').textContent()).toBe('');
  const ranges = comparison(page).locator('[data-show=ranges]');
  expect(await ranges.textContent()).toBe('Jun 1, 2026 – Jun 29, 2026 against May 2, 2026 – May 30, 2026:');
  expect(await changes(page)).toEqual([
    '↑ 25%up 25% Revenue from €40.00 to €50.00',
    '↑ 100%up 100% Orders from 1 to 2',
    '↓ 38%down 38% Average order from €40.00 to €25.00',
  ]);
  // Bars of both panels, drawn before those of the range.
  expect(await page.locator('#over-time svg .earlier').count()).toBe(4);
  expect(await page.locator('#over-time svg .earlier + .bar').count()).toBe(4);

  await comparison(page).locator('select').selectOption('a year before');
  await vi.waitFor(
    async () =>
      expect(await ranges.textContent()).toBe('Jun 1, 2026 – Jun 29, 2026 against Jun 2, 2025 – Jun 30, 2025:'),
    PATIENT,
  );
  expect((await changes(page))[0]).toBe('↑ 100%up 100% Revenue from €25.00 to €50.00');
  // It was not read together with the other figures.
  expect(await page.locator('#over-time [data-show=time]').textContent()).toMatch(/^as of \d/);

  await page.getByText('12 months').click();
  await shows(page, 'Jul 2025 – Jun 2026');
  expect(await ranges.textContent()).toBe('Jul 2025 – May 2026 against Jul 2024 – May 2025:');
});

test('the values of the bar behind another one show beside it too', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-30', value: 10 }, { user: 'U1', at: '2026-05-31', value: 40 });
  const page = await open({}, [], atNoon);
  await live(page);
  const chart = page.locator('#over-time .chart');
  await chart.focus();
  await page.keyboard.press('End');
  expect(await chart.getAttribute('aria-valuetext')).toBe(
    'Tuesday, June 30, 2026, so far, €10.00, 1 order, €10.00 per order, Sunday, May 31, 2026: €40.00, 1 order',
  );
});

test('all shows every month with orders, also ahead of today, and says what time it is from', async ({ open }) => {
  await countOrders({ user: 'U1', at: '1997-03', value: 3 }, ...ORDERS, { user: 'U1', at: '2027-02', value: 5 });
  const page = await open({}, [], atNoon);
  await live(page);
  await page.getByRole('navigation', { name: 'Range' }).getByText('All', { exact: true }).click();
  await shows(page, 'Mar 1997 – Feb 2027');
  expect(new URL(page.url()).hash).toBe('#/?range=all');
  expect(await sumsOf(page, '#over-time')).toEqual(['€86.49', '6', '€14.42']);
  expect(await page.locator('#over-time .all').textContent()).toBe('Since the beginning: 6 orders, €86.49.');
  expect(await page.locator('#over-time [data-show=time]').textContent()).toMatch(/^as of \d/);
  expect(await rowsOf(page, '#over-time')).toHaveLength(360);
  expect(await page.locator('#over-time .fold').count()).toBeGreaterThan(0);
  expect(await comparison(page).isVisible()).toBe(false);
});

test('a range without orders says so', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], { ...atNoon, hash: '#/?from=2026-05-01&to=2026-05-03' });
  await page.getByText('No orders from May 1, 2026 to May 3, 2026.').waitFor();
  expect(await page.locator('#over-time .chart').isVisible()).toBe(false);
  expect(await rowsOf(page, '#over-time')).toHaveLength(3);
});

test('a range can be saved only once it is shown', async ({ open }) => {
  await countOrders(...ORDERS);
  let answer = () => {};
  const isAsked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const page = await open({}, [], {
    prepare: async (page) => {
      await page.route('**/stats/global?*', async (route) => {
        await isAsked;
        await route.continue();
      });
    },
  });
  const button = page.locator('#over-time [data-do=save]');
  await vi.waitFor(async () => expect(await rowsOf(page, '#top-users')).toHaveLength(2), PATIENT);
  expect(await button.isDisabled()).toBe(true);
  answer();
  await vi.waitFor(async () => expect(await button.isEnabled()).toBe(true), PATIENT);
});

test('what is shown is saved as CSV: days, months of a user, top users', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], { ...atNoon, hash: '#/users/U1?from=2026-04&to=2026-06' });
  await vi.waitFor(async () => expect(await rowsOf(page, '#user')).toHaveLength(3), PATIENT);
  expect(await save(page, '#over-time')).toEqual({
    name: 'orders-2026-04-to-2026-06.csv',
    lines: ['month,orders,revenue', '2026-04,1,40.00', '2026-05,0,0.00', '2026-06,2,30.50', ''],
  });
  expect(await save(page, '#user')).toEqual({
    name: 'user-U1-2026-04-to-2026-06.csv',
    lines: ['month,orders,spend', '2026-04,1,40.00', '2026-05,0,0.00', '2026-06,1,10.00', ''],
  });
  expect(await save(page, '#top-users')).toEqual({
    name: 'top-users.csv',
    lines: ['rank,user_id,orders,spend', '1,U1,3,57.99', '2,U2,1,20.50', ''],
  });
});

test('a range of only today is shown, and compared with nothing', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], { ...atNoon, hash: '#/?from=2026-06-30&to=2026-06-30' });
  await page.getByText('Nothing of this range is over yet.').waitFor();
  expect(await sumsOf(page, '#over-time')).toEqual(['€10.00', '1', '€10.00']);
  expect(await changes(page)).toEqual([]);
});
