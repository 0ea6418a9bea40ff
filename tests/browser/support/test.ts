import { Redis } from 'ioredis';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { test as base, expect, inject } from 'vitest';
import { Faults } from './faults.ts';

/** What tests of the page are given. */
type Fixtures = {
  /** The Redis of the pipeline, empty when a test begins. */
  redis: Redis;
  /**
   * Opens the page in a window of its own. When the test ends, the page must have had no fault.
   *
   * @param expected statuses of answers that are no fault in this test, such as 404
   */
  open: (options?: BrowserContextOptions, expected?: readonly number[]) => Promise<Page>;
};

export const dashboard = (): string => `${inject('pipeline').api}/dashboard`;

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
    const faults = new Faults(new URL(dashboard()).origin);
    await use(async (options = {}, expected = []) => {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 900 },
        reducedMotion: 'reduce',
        ...options,
      });
      await faults.watch(page, expected);
      await page.goto(dashboard());
      return page;
    });
    await browser.close();
    expect(faults.found).toEqual([]);
  },
});
