import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { expect, inject, vi } from 'vitest';
import { startScript } from '../support/startScript.ts';
import { count } from './support/amounts.ts';
import { changeOverview } from './support/changeOverview.ts';
import { purgeDeadLetters } from './support/deadLetters.ts';
import { gaugesOf, live } from './support/look.ts';
import { ask, countOrders, PATIENT, send, toBody } from './support/orders.ts';
import { stopRedis } from './support/redisAway.ts';
import { test } from './support/test.ts';

const ORDER = { user: 'U1', at: '2024-02', value: 12.34 };

const Counts = v.record(v.string(), v.number());
const Pipeline = v.object({ messages: Counts, queue: Counts, dead_letters: v.object({ waiting: v.number() }) });
const pipeline = async () => v.parse(Pipeline, await ask('/pipeline'));

const verdict = (page: Page) => page.locator('#verdict-title').textContent();
const says = (page: Page, words: string) => vi.waitFor(async () => expect(await verdict(page)).toBe(words), PATIENT);

/** Changes what the API says of the pipeline. */
const change = (page: Page, part: object) =>
  changeOverview(page, ({ pipeline, ...rest }) => ({ ...rest, pipeline: { ...pipeline, ...part } }));

test('all is well: nothing waits, there are no dead letters', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const page = await open();
  await live(page);
  expect([await verdict(page), await page.locator('#state').textContent()]).toEqual(['All is well', 'All is well']);
  expect(await page.locator('#findings > li').count()).toBe(0);
  expect(await page.title()).toBe('Order statistics');
  await page.getByText(/^The last order was counted /).waitFor();
});

test('every figure is that of the API; dead letters need attention, with the reasons and a command', async ({
  open,
}) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const body = toBody(ORDER, 'A1');
  await send([body]);
  await vi.waitFor(async () => expect((await pipeline()).messages.counted).toBe(2), PATIENT);
  const amended = toBody({ ...ORDER, value: 10 }, 'A1', { order_version: 3 });
  await send([amended]);
  await vi.waitFor(async () => expect((await pipeline()).messages.revised).toBe(1), PATIENT);
  // A duplicate, an older version, a conflict, a version of what is not remembered, and no JSON.
  await send([
    amended,
    toBody({ ...ORDER, value: 11 }, 'A1', { order_version: 2 }),
    toBody({ ...ORDER, value: 9 }, 'A1', { order_version: 3 }),
    toBody({ ...ORDER, at: '2001-01' }, 'A2', { order_version: 2 }),
    'not JSON',
  ]);
  await vi.waitFor(async () => expect((await pipeline()).dead_letters.waiting).toBe(3), PATIENT);

  const page = await open();
  await says(page, 'Needs attention');
  const { messages, queue, dead_letters } = await pipeline();
  const { rate, ...gauges } = await gaugesOf(page);
  const { restored, ...results } = messages;
  expect(gauges).toEqual({
    ...Object.fromEntries(Object.entries(results).map(([name, number]) => [name, count(number)])),
    waiting: count(queue.waiting ?? -1),
    'in-flight': count(queue.in_flight ?? -1),
    'dead-letters': count(dead_letters.waiting ?? -1),
  });
  expect(Object.values(results).filter((number) => number === 0)).toEqual([]);
  expect([restored, await page.locator('#restored').isVisible()]).toEqual([0, false]);
  expect(rate).toMatch(/^\d+(\.\d+)?$/);
  const finding = page.locator('#findings > li');
  expect(await finding.locator('h3').allTextContents()).toEqual(['3 messages are in the dead-letter queue, new']);
  const reasons = (await finding.locator('ul li').allTextContents()).map((reason) => reason.split(/[ ,:]/, 1)[0]);
  expect(reasons).toEqual(['Invalid', 'Conflicts', 'Unknown']);
  expect(await finding.locator('code').textContent()).toBe('npm run dlq -- list');
  await finding.getByText('see “Messages in the dead-letter queue” in docs/operations.md').waitFor();
  expect(await page.locator('#cloudwatch').isVisible()).toBe(false);
  await live(page);
  expect(await page.locator('#state').textContent()).toBe('Needs attention');
  expect(await page.title()).toBe('Needs attention · Order statistics');

  await purgeDeadLetters();
  await says(page, 'All is well');
});

test('the page says below the results how many orders a replay has restored', async ({ open, redis }) => {
  await purgeDeadLetters();
  await countOrders(ORDER, ORDER);
  await redis.flushall();
  const { redis: url, sqs } = inject('pipeline');
  const replayed = await startScript('scripts/replay.ts', ['--endpoint', sqs, '--redis', url]).result;
  expect(replayed).toMatchObject({ code: 0, stderr: '' });
  // Those of other tests too: the archive keeps them.
  const restored = (await pipeline()).messages.restored ?? 0;
  expect(restored).toBeGreaterThan(1);
  const page = await open();
  await page.getByText(`${count(restored)} versions of orders were restored after Redis lost them.`).waitFor();
  await page.getByText('No order has been counted since Redis lost its data.').waitFor();
});

test('orders per second are those that the API says, and a line shows how they changed', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const page = await open();
  await live(page);
  await change(page, { rate: 41 });
  await page.locator('[data-show=rate]').getByText('41', { exact: true }).waitFor();
  expect(await page.locator('[data-show=rate-line] .now').count()).toBe(1);
});

test('messages that wait while none is counted need attention, after a minute the pipeline fails', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const page = await open({}, [], { prepare: (page) => page.clock.install() });
  await says(page, 'All is well');
  await change(page, { queue: { waiting: 1234, in_flight: 0, delayed: 0 } });
  const waiting = page.locator('[data-show=waiting]', { hasText: '1,234' });
  await waiting.waitFor();
  // They may just have come.
  expect(await verdict(page)).toBe('All is well');
  for (let seconds = 0; seconds < 20; seconds += 2) await page.clock.runFor(2000);
  await says(page, 'Needs attention');
  await page.getByText('1,234 messages wait longer than usual').waitFor();
  for (let seconds = 0; seconds < 60; seconds += 2) await page.clock.runFor(2000);
  await says(page, 'Orders are not counted in time');
  await page.getByText('1,234 messages wait, none is counted').waitFor();

  // As long as enough are counted, a queue that is long is no fault.
  await change(page, { rate: 100, queue: { waiting: 1234, in_flight: 0, delayed: 0 } });
  await countOrders(ORDER);
  await says(page, 'All is well');
  expect(await waiting.count()).toBe(1);
});

test('while SQS is away it is not known whether all is well', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const page = await open();
  await says(page, 'All is well');
  await change(page, { queue: null, dead_letters: null });
  await says(page, 'Needs attention');
  await page.getByText('The queues cannot be seen').waitFor();
  expect(await gaugesOf(page)).toMatchObject({ waiting: '–', 'dead-letters': '–', counted: '1' });
  expect(await page.locator('body').getAttribute('data-state')).toBe('live');
});

test('while Redis is away the pipeline fails, and says what that means', async ({ open }) => {
  await purgeDeadLetters();
  await countOrders(ORDER);
  const page = await open({}, [503]);
  await says(page, 'All is well');
  const goOn = await stopRedis();
  await says(page, 'Orders are not counted in time');
  await page.getByText('Redis does not answer').waitFor();
  expect(await gaugesOf(page)).toMatchObject({ counted: '–', rate: '–', waiting: '0' });
  goOn();
  await says(page, 'All is well');
});
