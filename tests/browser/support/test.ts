import { Redis } from 'ioredis';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { test as base, expect, inject } from 'vitest';
import { Faults } from './faults.ts';

/** What tests of the page are given. */
type Fixtures = {
  /** The Redis of the pipeline, empty when a test begins. */
  redis: Redis;
  /**
   * Opens the page in a new window. When the test ends, the page must have had no fault.
   *
   * @param expected statuses of answers that are no fault in this test, such as 404
   * @param how api: where the page and the API are, by default those of the pipeline; hash: of the address; prepare: does
   * something with the page before it loads, such as to set its clock
   */
  open: Open;
};

/** Opens the page in a new window. */
export type Open = (
  options?: BrowserContextOptions,
  expected?: readonly number[],
  how?: { api?: string; hash?: string; prepare?: (page: Page) => Promise<void> },
) => Promise<Page>;

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants to see what a fixture depends on
  redis: async ({}, use) => {
    const redis = new Redis(inject('pipeline').redis);
    await redis.flushall();
    await use(redis);
    redis.disconnect();
  },
  open: async ({ redis: _ }, use) => {
    const browser = await chromium.connect(inject('browser'));
    const faults = new Faults();
    const pages: Page[] = [];
    await use(async (options = {}, expected = [], how = {}) => {
      const { api = inject('pipeline').api, hash = '', prepare } = how;
      const page = await browser.newPage({
        viewport: { width: 1280, height: 900 },
        reducedMotion: 'reduce',
        ...options,
      });
      pages.push(page);
      await faults.watch(page, new URL(api).origin, expected);
      await prepare?.(page);
      await page.goto(`${api}/dashboard${hash}`);
      return page;
    });
    // Answers that are being changed would fail.
    await Promise.all(pages.map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    await browser.close();
    expect(faults.found).toEqual([]);
  },
});
