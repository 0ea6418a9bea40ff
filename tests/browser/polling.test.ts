import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { live } from './support/look.ts';
import { countOrders, PATIENT } from './support/orders.ts';
import { test } from './support/test.ts';

/** Paths that the page asks for from now on. */
function record(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

/** Has time pass in the page, as long as it takes to make some requests. */
async function pass(page: Page, paths: readonly string[], requests: number): Promise<void> {
  while (paths.length < requests) {
    const before = paths.length;
    await page.clock.runFor(1999);
    expect(paths.length).toBeLessThanOrEqual(before + 1);
    await page.clock.runFor(1);
    await vi.waitFor(() => expect(paths.length).toBe(before + 1), PATIENT);
    // The next request comes 2 s after the answer to this one.
    await page.waitForLoadState('networkidle');
  }
}

test('an idle page asks for one thing, every 2 seconds; after news for each other part once, in turn', async ({
  open,
}) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [], { prepare: (page) => page.clock.install() });
  await live(page);
  await page.clock.pauseAt(new Date(Date.now() + 3_600_000));
  const paths = record(page);
  await pass(page, paths, 12);
  expect(new Set(paths.slice(-2))).toEqual(new Set(['/pipeline']));

  await countOrders({ user: 'U1', at: '2024-02', value: 1 });
  const since = paths.length;
  await pass(page, paths, since + 14);
  const asked = paths.slice(since);
  expect(asked[0]).toBe('/pipeline');
  expect(asked[1]).toBe('/stats/global');
  expect(asked.filter((path) => path === '/top-users')).toHaveLength(1);
  // The last days, the range that is shown, all.
  expect(asked.filter((path) => path === '/stats/global')).toHaveLength(3);
  expect(asked.slice(-2)).toEqual(['/pipeline', '/pipeline']);
});

test('a page that is hidden asks for nothing, and goes on when it is visible again', async ({ open }) => {
  await countOrders({ user: 'U1', at: '2024-02', value: 12.34 });
  const page = await open({}, [], { prepare: (page) => page.clock.install() });
  await live(page);
  const show = (isHidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
  await show(true);
  await page.waitForLoadState('networkidle');
  const paths = record(page);
  await page.clock.runFor('01:00');
  expect(paths).toEqual([]);
  await show(false);
  await vi.waitFor(() => expect(paths).toContain('/pipeline'), PATIENT);
});
