import { chromium, type LaunchOptions } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { type Addresses, npmStart } from '../../../dev/servers/npmStart.ts';
import { chromiumOptions } from '../../../dev/servers/programs.ts';
import { CURRENCY, TIME_ZONE } from './stage.ts';

declare module 'vitest' {
  interface ProvidedContext {
    pipeline: Addresses;
    /** Where the browser takes connections. */
    browser: string;
  }
}

/** Starts the pipeline, without orders, and the browser: once for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const options = requireChromium();
  // Tests empty Redis, and it must stay empty.
  const pipeline = npmStart({ SAMPLE_ORDERS: '0', TIME_ZONE, CURRENCY }, ['--param', 'replayEvery=rate(1 day)']);
  const [addresses, browser] = await Promise.all([pipeline.addresses(), chromium.launchServer(options)]);
  project.provide('pipeline', addresses);
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    pipeline.signal('SIGINT');
    await pipeline.exitCode;
  };
}

/** Without a browser there is one clear message, not one per test. */
function requireChromium(): LaunchOptions {
  try {
    return chromiumOptions();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
