import * as v from 'valibot';
import { expect, vi } from 'vitest';
import { count, euros } from './support/amounts.ts';
import { live, measureOf, rowsOf, sumsOf } from './support/look.ts';
import { ask, countOrders, PATIENT } from './support/orders.ts';
import { overviewAt } from './support/overviewAt.ts';
import { test } from './support/test.ts';

const ORDERS = [
  { user: 'U1', at: '2023-11', value: 1234.5 },
  { user: 'U1', at: '2024-02', value: 99.99 },
  { user: 'U2', at: '2024-02', value: 2500000.25 },
  { user: 'U3', at: '2024-02', value: 0.01 },
];

const TODAY = '2026-06-30';
/** Both ends of yesterday and a week ago, the last 7 and 30 whole days, and as many before. */
const DAYS = ['2026-06-30', '2026-06-29', '2026-06-23', '2026-06-22', '2026-06-16', '2026-06-15', '2026-05-31'];
DAYS.push('2026-05-30', '2026-05-01', '2026-04-30');

const Range = v.object({ total_orders: v.number(), total_revenue: v.number() });
const rangeOf = async (from: string, to: string) => v.parse(Range, await ask(`/stats/global?from=${from}&to=${to}`));

test('whole days are those of the API, beside the days before; the day that is not over is left out', async ({
  open,
}) => {
  await countOrders(...DAYS.map((at, index) => ({ user: 'U1', at, value: 2 ** index + 0.01 })));
  const page = await open({}, [], { prepare: (page) => overviewAt(page, `${TODAY}T12:00:00Z`) });
  await live(page);
  for (const { days, from, before, until } of [
    { days: 7, from: '2026-06-23', before: '2026-06-16', until: '2026-06-22' },
    { days: 30, from: '2026-05-31', before: '2026-05-01', until: '2026-05-30' },
  ]) {
    const [now, then] = [await rangeOf(from, '2026-06-29'), await rangeOf(before, until)];
    const averages = [now, then].map(({ total_orders, total_revenue }) => euros(total_revenue / total_orders));
    expect([now.total_orders, then.total_orders]).toEqual(days === 7 ? [2, 2] : [6, 2]);
    expect(await measureOf(page, days, 'amount')).toMatchObject({
      value: euros(now.total_revenue),
      before: `from ${euros(then.total_revenue)} in the ${days} days before`,
    });
    expect(await measureOf(page, days, 'orders')).toMatchObject({
      value: count(now.total_orders),
      before: `from ${count(then.total_orders)} in the ${days} days before`,
    });
    expect(await measureOf(page, days, 'average')).toMatchObject({
      value: averages[0],
      before: `from ${averages[1]} in the ${days} days before`,
    });
  }
  // 6.02 of the last 7 whole days, and 24.02 before.
  expect((await measureOf(page, 7, 'orders')).change).toBe('± 0%');
  expect((await measureOf(page, 7, 'amount')).change).toBe('↓ 75%');
  expect((await measureOf(page, 30, 'orders')).change).toBe('↑ 200%');
  expect(await page.locator('#today-date').textContent()).toBe('Tuesday, June 30, 2026');
});

test('today is compared with yesterday at this time, and whole days stand beside it', async ({ open }) => {
  await countOrders(
    { user: 'U1', at: '2026-06-30T07:10:00Z', value: 30 },
    { user: 'U1', at: '2026-06-30T10:10:00Z', value: 12 },
    { user: 'U1', at: '2026-06-29T07:10:00Z', value: 20 },
    { user: 'U1', at: '2026-06-29T20:10:00Z', value: 100 },
    { user: 'U1', at: '2026-06-23', value: 7 },
  );
  // In Amsterdam.
  const hours = [
    { period: '2026-06-29T09', orders: 1, revenue: 20 },
    { period: '2026-06-29T22', orders: 1, revenue: 100 },
    { period: '2026-06-30T09', orders: 1, revenue: 30 },
    { period: '2026-06-30T12', orders: 1, revenue: 12 },
  ];
  const page = await open({}, [], { prepare: (page) => overviewAt(page, `${TODAY}T10:42:00Z`, { hours }) });
  await live(page);
  expect(await measureOf(page, 1, 'amount')).toEqual({
    value: '€42.00',
    change: '↑ 50%',
    before: 'until 12:00 PM, €30.00 against €20.00 yesterday',
    others: 'Whole days: €120.00 yesterday, €7.00 a week ago',
  });
  expect(await measureOf(page, 1, 'orders')).toMatchObject({ value: '2', change: '± 0%' });
  expect(await measureOf(page, 1, 'average')).toMatchObject({ value: '€21.00', change: '↑ 50%' });
  // Both lines over the hours of the day: that of today goes on until now, that of yesterday until midnight.
  const lines = page.locator('#today [data-days="1"] [data-measure=amount] polyline');
  const points = await lines.evaluateAll((all) =>
    all.map((line) => [line.getAttribute('class'), line.getAttribute('points')?.split(' ').length]),
  );
  expect(points).toEqual([
    ['before', 25],
    ['now', 13],
  ]);
});

test('in the first hour of the day, nothing is compared', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-29T07:10:00Z', value: 20 });
  const hours = [{ period: '2026-06-29T09', orders: 1, revenue: 20 }];
  const page = await open({}, [], { prepare: (page) => overviewAt(page, '2026-06-29T22:10:00Z', { hours }) });
  await live(page);
  expect(await measureOf(page, 1, 'amount')).toEqual({
    value: '€0.00',
    change: '',
    before: '',
    others: 'Whole days: €20.00 yesterday, €0.00 a week ago',
  });
});

test('the last 30 days are shown by default, with each day as a row, those without orders too', async ({ open }) => {
  await countOrders(
    { user: 'U1', at: TODAY, value: 10 },
    { user: 'U1', at: '2026-06-28', value: 5.5 },
    { user: 'U2', at: '2025-01', value: 100 },
  );
  const page = await open({}, [], { prepare: (page) => overviewAt(page, `${TODAY}T12:00:00Z`) });
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
  await page.getByText('Since the beginning: 3 orders, €115.50.').waitFor();
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
    async () => expect((await rowsOf(page, '#top-users'))[0]).toEqual(['1', 'U2', '2', '€2,500,001.75']),
    PATIENT,
  );
  await page.locator('#user-figures [data-total=amount]', { hasText: '€2,500,001.75' }).waitFor();
  await vi.waitFor(async () => expect((await rowsOf(page, '#user'))[2]).toEqual(['March 2024', '1', '€1.50']), PATIENT);
  await vi.waitFor(
    async () => expect(await sumsOf(page, '#over-time')).toEqual(['€2,500,101.75', '4', '€625,025.44']),
    PATIENT,
  );
});

test('without any orders the page says how to send some, then shows the first one', async ({ open }) => {
  const page = await open();
  await page.getByRole('heading', { name: 'No orders yet' }).waitFor();
  expect(await page.locator('#empty code').first().textContent()).toBe('npm run populate -- --count 1000');
  for (const section of ['#today', '#over-time', '#who']) expect(await page.locator(section).isVisible()).toBe(false);
  expect(await page.locator('#pipeline').isVisible()).toBe(true);
  const orders = page.locator('body[data-orders=some]');
  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  await orders.waitFor();
  // Both in the same moment.
  expect(await page.locator('#pipeline [data-show=counted]').textContent()).toBe('1');
  await page.getByRole('heading', { name: 'Top users' }).waitFor();
  expect(await page.getByRole('heading', { name: 'No orders yet' }).isVisible()).toBe(false);
});

test('an average of no orders is no figure that could change', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2026-06-29', value: 20 });
  const hours = [{ period: '2026-06-29T12', orders: 2, revenue: 20 }];
  const page = await open({}, [], { prepare: (page) => overviewAt(page, '2026-06-30T12:00:00Z', { hours }) });
  await live(page);
  expect(await measureOf(page, 1, 'average')).toMatchObject({
    value: '–',
    change: '',
    before: 'until 2:00 PM, no orders against €10.00 yesterday',
  });
  expect((await measureOf(page, 30, 'average')).before).toBe('from no orders in the 30 days before');
});
