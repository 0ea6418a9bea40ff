import { expect, it, vi } from 'vitest';
import { captureOutput } from '../support/captureOutput.ts';
import { getEvent, loadReadFunction, readFunction } from '../support/readFunction.ts';
import { sampleEvent } from '../support/sampleEvent.ts';

const { redis, ask } = await readFunction(() => import('../../functions/getGlobalStats.ts'));

const month = (name: string, orders: number, revenue: string) =>
  redis.hset('global:stats', name, `${orders} ${revenue}`);

async function bodyOf(query: Record<string, string>): Promise<unknown> {
  const response = await ask(getEvent(null, query));
  expect(response.statusCode).toBe(200);
  return JSON.parse(response.body);
}

it('the sample event is answered with orders and revenue of all users', async () => {
  await redis.hset('global:stats', { total_orders: '2500', total_revenue: '199999.95' });
  const response = await ask(sampleEvent('getGlobalStats'));
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'Content-Type': 'application/json' });
  expect(response.body).toBe('{"total_orders":2500,"total_revenue":199999.95}');
});

it('zeros when nothing was counted', async () => {
  expect(await bodyOf({})).toEqual({ total_orders: 0, total_revenue: 0 });
});

it('a revenue of trillions keeps its cents', async () => {
  await redis.hset('global:stats', { total_orders: '9000000000000000', total_revenue: '9007199254740.91' });
  const response = await ask(getEvent(null));
  expect(response.body).toBe('{"total_orders":9000000000000000,"total_revenue":9007199254740.91}');
});

async function expectCorrupt(query: Parameters<typeof getEvent>[1] = {}): Promise<void> {
  const output = captureOutput();
  const response = await ask(getEvent(null, query)).finally(output.restore);
  expect(response.statusCode).toBe(500);
  expect(JSON.parse(response.body)).toMatchObject({ type: 'urn:problem-type:orders:corrupt-key' });
}

it.each(['7.5', '7', '7.005', '1 7.00', '-7.00', '90000000000000.01', 'seven'])(
  'GET /stats/global is a 500 where the revenue is %j, which the pipeline never writes',
  async (total_revenue) => {
    await redis.hset('global:stats', { total_orders: '3', total_revenue });
    await expectCorrupt();
  },
);

it.each([
  ['global:stats', {}],
  ['global:stats', { from: '2015-01', to: '2024-12' }],
  ['global:days', { from: '2024-01-01', to: '2024-01-31' }],
])('500 when %s is of another type: %j', async (key, query) => {
  await redis.set(key, 'text');
  await expectCorrupt(query);
});

it('400 that names the nearest parameter for unknown ones, and all that are not valid', async () => {
  const response = await ask(getEvent(null, { to: ['2024-13'], form: '2024-01', '': '' }));
  expect(response.statusCode).toBe(400);
  const errors = [
    { parameter: 'form', detail: 'form is not a parameter of this route, the nearest one is from' },
    { parameter: '', detail: ' is not a parameter of this route, the nearest one is to' },
    { parameter: 'to', detail: expect.stringMatching(/^to must be a month /) },
  ];
  expect(JSON.parse(response.body)).toMatchObject({ ...errors[0], errors });
});

it('a range of months is summed up, and each month listed', async () => {
  await redis.hset('global:stats', { total_orders: 15, total_revenue: '150.60' });
  await month('2023-11', 1, '100.00');
  await month('2023-12', 2, '0.10');
  await month('2024-02', 4, '0.20');
  await month('2024-03', 8, '50.30');
  expect(await bodyOf({ from: '2023-12', to: '2024-02' })).toEqual({
    currency: 'USD',
    from: '2023-12',
    to: '2024-02',
    granularity: 'month',
    total_orders: 6,
    total_revenue: 0.3,
    total_revenue_cents: 30,
    series: [
      { period: '2023-12', orders: 2, revenue_cents: 10, revenue: 0.1 },
      { period: '2024-01', orders: 0, revenue_cents: 0, revenue: 0 },
      { period: '2024-02', orders: 4, revenue_cents: 20, revenue: 0.2 },
    ],
  });
});

it('a range without orders is zeros', async () => {
  await month('2024-01', 1, '1.00');
  expect(await bodyOf({ from: '2024-02', to: '2024-02' })).toEqual({
    currency: 'USD',
    from: '2024-02',
    to: '2024-02',
    granularity: 'month',
    total_orders: 0,
    total_revenue: 0,
    total_revenue_cents: 0,
    series: [{ period: '2024-02', orders: 0, revenue_cents: 0, revenue: 0 }],
  });
});

it('a range is summed to the cent up to the largest total', async () => {
  await month('2024-01', 1, '44999999999999.98');
  await month('2024-02', 1, '45000000000000.01');
  expect(await bodyOf({ from: '2024-01', to: '2024-02' })).toMatchObject({
    total_revenue: Number('89999999999999.99'),
    total_revenue_cents: 8_999_999_999_999_999,
  });
});

it.each([
  [{ to: '2024-01' }, { from: '2014-02', to: '2024-01' }],
  [{ to: '1971-06' }, { from: '1970-01', to: '1971-06' }],
])('%j is a range of up to 120 months', async (query, range) => {
  await month(range.from, 1, '1.00');
  await month(range.to, 2, '2.00');
  expect(await bodyOf(query)).toMatchObject({ ...range, total_orders: 3, total_revenue: 3 });
});

it('a range without an end ends with the current month or day, in the time zone of the stage', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-30T12:00:00Z'), toFake: ['Date'] });
  const url = `redis://127.0.0.1:${redis.options.port}`;
  const environment = { REDIS_URL: url, TIME_ZONE: 'Pacific/Kiritimati' };
  const eastwards = await loadReadFunction(() => import('../../functions/getGlobalStats.ts'), environment);
  const endOf = async (from: string) => JSON.parse((await eastwards(getEvent(null, { from }))).body).to;
  try {
    expect(await endOf('2024-01')).toBe('2026-12');
    expect(await endOf('2026-11-01')).toBe('2026-12-01');
    expect(await endOf('2027-03')).toBe('2027-03');
    expect(await bodyOf({ from: '2024-01' })).toMatchObject({ to: '2026-11' });
    expect(await bodyOf({ from: '2026-11-01' })).toMatchObject({ to: '2026-11-30' });
  } finally {
    vi.useRealTimers();
  }
});

it.each([
  ['120 months', { from: '2014-01', to: '2023-12' }],
  ['366 days', { from: '2024-01-01', to: '2024-12-31' }],
])('%s is read in one round trip', async (_, range) => {
  await bodyOf(range);
  const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const [before, idle] = [await reads(), await reads()];
  await bodyOf(range);
  // Each INFO is a read of the server as well.
  expect((await reads()) - idle).toBe(idle - before + 1);
});

it.each([
  ['from', { from: '2024-13' }],
  ['from', { from: '2024-00', to: '2024-01' }],
  ['from', { from: '1969-12', to: '1970-01' }],
  ['from', { from: '10000-01' }],
  ['from', { from: '' }],
  ['from', { from: '2024-1' }],
  ['from', { from: ' 2024-01' }],
  ['from', { from: '２０２４-01' }],
  ['from', { from: ['2024-01', '2024-01'] }],
  ['from', { from: '1'.repeat(10_000) }],
  ['to', { from: '2024-01', to: '2024-13' }],
  ['to', { to: '2024-01\0' }],
  ['to', { to: ['2024-01', '2024-02'] }],
  ['from', { from: '2024-02', to: '2024-01' }],
])('400 that names %s for %j', async (parameter, query) => {
  const response = await ask(getEvent(null, query));
  expect(response.statusCode).toBe(400);
  expect(JSON.parse(response.body)).toMatchObject({
    type: 'urn:problem-type:orders:invalid-parameter',
    parameter,
    detail: expect.stringMatching(new RegExp(`^${parameter} must `)),
  });
});

it('a range of days is summed up, and each day listed', async () => {
  await redis.hset('global:days', { '2024-02-28': '1 0.10', '2024-02-29': '2 0.20', '2024-03-02': '4 0.30' });
  expect(await bodyOf({ from: '2024-02-29', to: '2024-03-02' })).toEqual({
    currency: 'USD',
    from: '2024-02-29',
    to: '2024-03-02',
    granularity: 'day',
    total_orders: 6,
    total_revenue: 0.5,
    total_revenue_cents: 50,
    series: [
      { period: '2024-02-29', orders: 2, revenue_cents: 20, revenue: 0.2 },
      { period: '2024-03-01', orders: 0, revenue_cents: 0, revenue: 0 },
      { period: '2024-03-02', orders: 4, revenue_cents: 30, revenue: 0.3 },
    ],
  });
});

it('a range of days without a start is 366 days long', async () => {
  await redis.hset('global:days', { '2024-01-01': '1 1.00', '2024-12-31': '2 2.00', '2025-01-01': '4 4.00' });
  expect(await bodyOf({ to: '2024-12-31' })).toMatchObject({ from: '2024-01-01', total_orders: 3 });
});

it.each([
  [{ from: '2024-02-30', to: '2024-03-01' }, 'must be a month from 1970-01 to 9999-12, as YYYY-MM, or a day'],
  [{ from: '1969-12-31', to: '1970-01-02' }, 'must be a month from 1970-01 to 9999-12, as YYYY-MM, or a day'],
  [{ from: '2024-01', to: '2024-01-31' }, 'from and to must both be months or both be days'],
  [{ from: '2024-03-01', to: '2024-02-29' }, 'must not be after to'],
  [{ from: '2023-12-31', to: '2024-12-31' }, 'from and to: the range may span at most 366 days'],
  [{ from: '2014-01', to: '2024-01' }, 'from and to: the range may span at most 120 months'],
  [{ from: '1997-01' }, 'from and to: the range may span at most 120 months, and without to it ends now'],
])('400 that states the rule for %j', async (query, rule) => {
  const response = await ask(getEvent(null, query));
  expect(response.statusCode).toBe(400);
  expect(JSON.parse(response.body)).toMatchObject({ parameter: 'from', detail: expect.stringContaining(rule) });
});

it('a parameter that breaks several rules is listed once, with the first of them', async () => {
  const response = await ask(getEvent(null, { from: '2024-12', to: '2024-01-31' }));
  const errors = [{ parameter: 'from', detail: 'from and to must both be months or both be days' }];
  expect(JSON.parse(response.body)).toMatchObject({ ...errors[0], errors });
});

it('500 when a day is corrupt', async () => {
  await redis.hset('global:days', '2024-02-29', '');
  const output = captureOutput();
  const response = await ask(getEvent(null, { from: '2024-02-29', to: '2024-03-01' })).finally(output.restore);
  expect(response.statusCode).toBe(500);
});
