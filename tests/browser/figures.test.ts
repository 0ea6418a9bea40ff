import * as v from 'valibot';
import { expect, vi } from 'vitest';
import { count, euros } from './support/amounts.ts';
import { live, measureOf, rowsOf, sumsOf } from './support/look.ts';
import { ask, countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', at: '2023-11', value: 1234.5 },
  { user: 'U1', at: '2024-02', value: 99.99 },
  { user: 'U2', at: '2024-02', value: 2500000.25 },
  { user: 'U3', at: '2024-02', value: 0.01 },
];

const TODAY = '2026-06-30';
/** Both ends of what is today, the last 7 and 30 days, and as many before. */
const DAYS = ['2026-06-30', '2026-06-29', '2026-06-24', '2026-06-23', '2026-06-17', '2026-06-16', '2026-06-01'];
DAYS.push('2026-05-31', '2026-05-02', '2026-05-01');

const Range = v.object({ total_orders: v.number(), total_revenue: v.number() });
const rangeOf = async (from: string, to: string) => v.parse(Range, await ask(`/stats/global?from=${from}&to=${to}`));

test('today, the last 7 and the last 30 days are those of the API, beside the days before', async ({ open }) => {
  await countOrders(...DAYS.map((at, index) => ({ user: 'U1', at, value: 2 ** index + 0.01 })));
  const page = await open({}, [], { prepare: (page) => page.clock.install({ time: `${TODAY}T12:00:00Z` }) });
  await live(page);
  for (const { days, from, before, until } of [
    { days: 1, from: TODAY, before: '2026-06-29', until: '2026-06-29' },
    { days: 7, from: '2026-06-24', before: '2026-06-17', until: '2026-06-23' },
    { days: 30, from: '2026-06-01', before: '2026-05-02', until: '2026-05-31' },
  ]) {
    const [now, then] = [await rangeOf(from, TODAY), await rangeOf(before, until)];
    expect(now.total_orders).toBeGreaterThan(0);
    expect(then.total_orders).toBeGreaterThan(0);
    const [amount, orders] = [await measureOf(page, days, 'amount'), await measureOf(page, days, 'orders')];
    expect([days, amount.value, orders.value]).toEqual([days, euros(now.total_revenue), count(now.total_orders)]);
    expect([days, amount.before, orders.before].join()).toContain(euros(then.total_revenue));
    expect(orders.before).toContain(count(then.total_orders));
  }
  // 31.05 of the last 7 days up to now, and 24.02 before; a day that is not over yet is not compared.
  expect((await measureOf(page, 7, 'orders')).change).toBe('↑ 50%');
  expect((await measureOf(page, 7, 'amount')).change).toBe('↓ 71%');
  expect((await measureOf(page, 1, 'amount')).change).toBe('');
  expect(await page.locator('#today-date').textContent()).toBe('Tuesday, June 30, 2026');
});

test('the last 30 days are shown by default, with each day as a row, those without orders too', async ({ open }) => {
  await countOrders(
    { user: 'U1', at: TODAY, value: 10 },
    { user: 'U1', at: '2026-06-28', value: 5.5 },
    { user: 'U2', at: '2025-01', value: 100 },
  );
  const page = await open({}, [], { prepare: (page) => page.clock.install({ time: `${TODAY}T12:00:00Z` }) });
  await live(page);
  expect(await sumsOf(page, '#over-time')).toEqual(['€15.50', '2', '€7.75']);
  expect(await page.locator('#over-time [data-show=range]').textContent()).toBe('Jun 1, 2026 – Jun 30, 2026');
  const rows = await rowsOf(page, '#over-time');
  expect(rows).toHaveLength(30);
  expect(rows.slice(-4)).toEqual([
    ['Jun 27, 2026', '0', '€0.00'],
    ['Jun 28, 2026', '1', '€5.50'],
    ['Jun 29, 2026', '0', '€0.00'],
    ['Jun 30, 2026, so far', '1', '€10.00'],
  ]);
  await page.getByText('1 order lies outside of this range.').waitFor();
});

test('where the last months have no orders, those that have are shown: totals, months and users of the API', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  expect(await ask('/stats/global?from=2023-11&to=2024-02')).toMatchObject({
    total_orders: 4,
    total_revenue: 2501334.75,
    series: [
      { period: '2023-11', orders: 1, revenue: 1234.5 },
      { period: '2023-12', orders: 0, revenue: 0 },
      { period: '2024-01', orders: 0, revenue: 0 },
      { period: '2024-02', orders: 3, revenue: 2500100.25 },
    ],
  });
  const page = await open();
  await live(page);
  expect(await sumsOf(page, '#over-time')).toEqual(['€2,501,334.75', '4', '€625,333.69']);
  expect(await rowsOf(page, '#over-time')).toEqual([
    ['November 2023', '1', '€1,234.50'],
    ['December 2023', '0', '€0.00'],
    ['January 2024', '0', '€0.00'],
    ['February 2024', '3', '€2,500,100.25'],
  ]);
  expect(await rowsOf(page, '#top-users')).toEqual([
    ['1', 'U2', '1', '€2,500,000.25'],
    ['2', 'U1', '2', '€1,334.49'],
    ['3', 'U3', '1', '€0.01'],
  ]);
  expect((await measureOf(page, 30, 'orders')).value).toBe('0');
});

test('an order sent to the queue shows everywhere, without a reload', async ({ open }) => {
  await countOrders(...ORDERS);
  const page = await open({}, [], { hash: '#/users/U2?from=2024-01&to=2024-12' });
  await page.locator('#user-figures').getByText('€2,500,000.25').first().waitFor();

  await countOrders({ user: 'U2', at: '2024-03', value: 1.5 });
  await vi.waitFor(
    async () => expect(await sumsOf(page, '#over-time')).toEqual(['€2,500,101.75', '4', '€625,025.44']),
    PATIENT,
  );
  await vi.waitFor(
    async () => expect((await rowsOf(page, '#top-users'))[0]).toEqual(['1', 'U2', '2', '€2,500,001.75']),
    PATIENT,
  );
  await page.locator('#user-figures [data-total=amount]', { hasText: '€2,500,001.75' }).waitFor();
  await vi.waitFor(async () => expect((await rowsOf(page, '#user'))[2]).toEqual(['March 2024', '1', '€1.50']), PATIENT);
});

test('without any orders the page says how to send some, then shows the first one', async ({ open }) => {
  const page = await open();
  await page.getByRole('heading', { name: 'No orders yet' }).waitFor();
  expect(await page.locator('#empty code').first().textContent()).toBe('npm run populate -- --count 1000');
  for (const section of ['#today', '#over-time', '#who']) expect(await page.locator(section).isVisible()).toBe(false);
  expect(await page.locator('#pipeline').isVisible()).toBe(true);
  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  await page.getByRole('heading', { name: 'Top users' }).waitFor();
  expect(await page.getByRole('heading', { name: 'No orders yet' }).isVisible()).toBe(false);
});
