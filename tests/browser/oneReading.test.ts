import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { live } from './support/look.ts';
import { countOrders, send, toBody } from './support/orders.ts';
import { test } from './support/test.ts';

const SAMPLES = 1000;
/** As many as the table of the top users has. */
const USERS = 10;
const BATCHES_PER_SECOND = 5;

/** Numbers of orders that the page shows at one moment. */
type Sample = {
  readonly today: number;
  readonly todayInTable: number;
  readonly range: number;
  readonly days: number;
  readonly ever: number;
  readonly counted: number;
  readonly topUsers: number;
  readonly user: number;
  readonly userInTable: number;
  /** Undefined while the months are older than the rest, and say so. */
  readonly userMonths: number | undefined;
};

/** Looks at the page every 20 ms. */
const TAKE_SAMPLES = `new Promise((resolve) => {
  const numberOf = (text) => Number(/[\\d,]+/.exec(text)[0].replaceAll(',', ''));
  const number = (selector) => numberOf(document.querySelector(selector).textContent);
  const sum = (selector) => [...document.querySelectorAll(selector)].reduce((sum, cell) => sum + numberOf(cell.textContent), 0);
  const isSameTime = () =>
    document.querySelector('#user [data-show=time]').textContent.endsWith(document.querySelector('#time').textContent);
  const samples = [];
  const timer = setInterval(() => {
    samples.push({
      today: number('#today [data-days="1"] [data-measure=orders] .value'),
      todayInTable: number('#over-time tbody tr:last-child td'),
      range: number('#over-time [data-show=orders]'),
      days: sum('#over-time tbody tr td:nth-of-type(1)'),
      ever: number('#over-time .all'),
      counted: number('#pipeline [data-show=counted]'),
      topUsers: sum('#top-users tbody td:nth-of-type(2)'),
      user: number('#user-figures [data-total=orders]'),
      userInTable: number('#top-users tr:has([aria-current]) td:nth-of-type(2)'),
      userMonths: isSameTime() ? number('#user .series [data-show=orders]') : undefined,
    });
    if (samples.length < ${SAMPLES}) return;
    clearInterval(timer);
    resolve(samples);
  }, 20);
})`;

/** Sends orders of today until it is told to stop. */
async function sendOrders(isEnough: () => boolean): Promise<void> {
  for (let batch = 0; !isEnough(); batch++) {
    const orders = Array.from({ length: 10 }, (_, index) =>
      toBody({ user: `U${index % USERS}`, at: new Date().toISOString(), value: 1 }, `FLOW${batch}-${index}`),
    );
    await Promise.all([send(orders), sleep(1000 / BATCHES_PER_SECOND)]);
  }
}

async function samplesWhileOrdersFlow(page: Page): Promise<Sample[]> {
  let isEnough = false;
  const samples = page.evaluate<Sample[]>(TAKE_SAMPLES).finally(() => {
    isEnough = true;
  });
  const [taken] = await Promise.all([samples, sendOrders(() => isEnough)]);
  return taken;
}

test('while orders flow, no two figures on the screen disagree', async ({ open }) => {
  const users = Array.from({ length: USERS }, (_, index) => ({
    user: `U${index}`,
    at: new Date().toISOString(),
    value: 1,
  }));
  await countOrders(...users);
  const page = await open({}, [], { hash: '#/users/U1' });
  await live(page);
  const samples = await samplesWhileOrdersFlow(page);
  expect(samples).toHaveLength(SAMPLES);
  const wrong = samples.filter(({ ever, user, userInTable, userMonths = user, ...others }) => {
    const all = [others.today, others.todayInTable, others.range, others.days, others.counted, others.topUsers];
    return all.some((number) => number !== ever) || user !== userInTable || user !== userMonths;
  });
  expect(wrong).toEqual([]);
  // They did flow.
  expect(new Set(samples.map(({ ever }) => ever)).size).toBeGreaterThan(5);
  expect(new Set(samples.map(({ userMonths }) => userMonths)).size).toBeGreaterThan(3);
});
