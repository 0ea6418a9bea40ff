import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

/** A request, and when it was made by the clock of the page. */
type Asked = { readonly at: number; readonly path: string };

/** Has the page keep its requests. */
const KEEP_REQUESTS = `{
  window.asked = [];
  const { fetch } = window;
  window.fetch = (path, options) => {
    window.asked.push({ at: performance.now(), path: new URL(path, location.href).pathname });
    return fetch(path, options);
  };
}`;

const prepare = async (page: Page) => {
  await page.clock.install();
  await page.addInitScript(KEEP_REQUESTS);
};

/** The next requests of the page, while its clock runs on. */
async function nextRequests(page: Page, count: number): Promise<Asked[]> {
  await page.evaluate('window.asked = []');
  const asked = () => page.evaluate<Asked[]>('window.asked');
  while ((await asked()).length < count) await page.clock.runFor(100);
  return (await asked()).slice(0, count);
}

/** No two requests are nearer to each other than two seconds. */
function expectPauses(asked: readonly Asked[]): void {
  const pauses = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? at));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2000);
}

test('the page asks for one thing, every 2 seconds', async ({ open }) => {
  await countOrders({ user: 'U1', at: new Date().toISOString(), value: 12.34 });
  const page = await open({}, [], { prepare });
  await live(page);
  await nextRequests(page, 1);
  const idle = await nextRequests(page, 5);
  expectPauses(idle);
  expect(new Set(idle.map(({ path }) => path))).toEqual(new Set(['/overview']));
});

test('while nothing is new the API sends no content, and the time of the figures goes on', async ({ open }) => {
  await countOrders({ user: 'U1', at: new Date().toISOString(), value: 12.34 });
  const page = await open({}, [], { prepare });
  await live(page);
  const time = page.locator('#time');
  await vi.waitFor(async () => {
    const before = await time.textContent();
    const answer = page.waitForResponse('**/overview');
    await page.clock.runFor(3000);
    expect((await answer).status()).toBe(304);
    expect(await time.textContent()).not.toBe(before);
  }, PATIENT);
});

test('what the overview does not have is read after news, but not more often than every 10 seconds', async ({
  open,
}) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [], { prepare, hash: '#/users/U1?last=90-days' });
  await live(page);
  await countOrders({ user: 'U2', at: '2024-02', value: 1 });
  const asked = await nextRequests(page, 20);
  for (const path of ['/overview', '/stats/global', '/users/U1/stats']) {
    const times = new Set(asked.filter((request) => request.path === path).map(({ at }) => Math.round(at / 100)));
    const pauses = [...times].slice(1).map((at, index) => 100 * (at - ([...times][index] ?? at)));
    expect([path, times.size > 0]).toEqual([path, true]);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(path === '/overview' ? 1900 : 9900);
  }
});

test('figures are there after two requests: the page, and the overview', async ({ open }) => {
  await countOrders({ user: 'U1', at: new Date().toISOString(), value: 12.34 });
  const page = await open({}, [], { prepare });
  await live(page);
  expect((await page.evaluate<Asked[]>('window.asked')).map(({ path }) => path)).toEqual(['/overview']);
});

test('a page that is hidden asks for nothing, and goes on when it is visible again', async ({ open }) => {
  await countOrders({ user: 'U1', at: new Date().toISOString(), value: 12.34 });
  const page = await open({}, [], { prepare });
  await live(page);
  const show = (isHidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
  await show(true);
  await page.waitForLoadState('networkidle');
  await page.evaluate('window.asked = []');
  await page.clock.runFor('01:00');
  expect(await page.evaluate<Asked[]>('window.asked')).toEqual([]);
  await show(false);
  expectPauses(await nextRequests(page, 3));
});
