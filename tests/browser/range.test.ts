import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live, rowsOf, sumsOf } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

const NOON = '2026-06-30T12:00:00Z';
const ORDERS = [
  { user: 'U1', at: '2026-06-30', value: 10 },
  { user: 'U2', at: '2026-06-02', value: 20.5 },
  { user: 'U1', at: '2026-04-11', value: 40 },
  { user: 'U1', at: '2019-02-28', value: 7.99 },
];

const atNoon = { prepare: (page: Page) => page.clock.install({ time: NOON }) };
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
