import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { live } from './support/look.ts';
import { countOrders } from './support/orders.ts';
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

test('an idle page asks for one thing, every 2 seconds; after news for each other part once, in turn', async ({
  open,
}) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [], { prepare });
  await live(page);
  const idle = await nextRequests(page, 16);
  expectPauses(idle);
  expect(new Set(idle.slice(-4).map(({ path }) => path))).toEqual(new Set(['/pipeline']));

  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  const busy = await nextRequests(page, 12);
  expectPauses(busy);
  const paths = busy.map(({ path }) => path);
  const first = paths.findIndex((path) => path !== '/pipeline');
  expect(paths[first]).toBe('/stats/global');
  expect(paths.filter((path) => path === '/top-users')).toHaveLength(1);
  // The last days, the range that is shown, and all.
  expect(paths.filter((path) => path === '/stats/global')).toHaveLength(3);
  expect(paths.slice(-2)).toEqual(['/pipeline', '/pipeline']);
});

test('a page that is hidden asks for nothing, and goes on when it is visible again', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
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
