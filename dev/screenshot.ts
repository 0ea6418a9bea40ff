import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { NpmCommand } from '../scripts/shared/npmCommand.ts';
import { npmStart } from './servers/npmStart.ts';
import { chromiumOptions } from './servers/programs.ts';

const WIDTH = 1280;
/** Less than any content, because a full-page picture is at least as high as the window. */
const HEIGHT = 100;

/** A month of orders, some of them duplicated, amended or cancelled, after a year of others. */
const HISTORY = [
  '--count 24000 --users 800 --duplicates 0.02',
  '--count 300 --users 800 --seed 2 --revisions 0.3 --cancellations 0.1',
];
/** Between the orders of today that came before. */
const TODAY_EVERY_MS = 30 * 60_000;
/** Orders that arrive while the pictures are taken. */
const NOW = '--count 90 --users 800 --seed 3 --now --rate 4';
/** Time from their start to the pictures. */
const PAUSE_MS = 18_000;
const USER = 'U00008';

const { out } = new NpmCommand()
  .name('npm run screenshot --')
  .usage('[options]')
  .description('Takes pictures of the page, in light and in dark colours, with orders that populate generates.')
  .option('--out <folder>', 'where to put dashboard-light.png and dashboard-dark.png', 'docs')
  .parse()
  .opts<{ out: string }>();

process.once('SIGINT', () => process.exit(130));
try {
  await takePictures(chromiumOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function takePictures(launchOptions: LaunchOptions): Promise<void> {
  const pipeline = npmStart({ SAMPLE_ORDERS: '0' });
  let browser: Browser | undefined;
  try {
    const { api, sqs, redis } = await pipeline.addresses();
    const populate = (options: string) =>
      promisify(execFile)('npm', `run --silent populate -- ${options} --endpoint ${sqs}`.split(' '));
    for (const options of [...HISTORY, `--file ${await ordersOfToday()}`]) {
      await populate(`${options} --wait --redis ${redis}`);
    }
    const launched = await chromium.launch(launchOptions);
    browser = launched;
    const pages = await Promise.all(['light', 'dark'].map((colors) => openPage(launched, `${api}/dashboard`, colors)));
    const sending = populate(NOW);
    await sleep(PAUSE_MS);
    for (const { page, path } of pages) {
      await page.screenshot({ path, fullPage: true });
      console.log(path);
    }
    await sending;
  } finally {
    await browser?.close();
    pipeline.signal('SIGINT');
    await pipeline.exitCode;
  }
}

/** Writes them to a file that is removed at exit. */
async function ordersOfToday(): Promise<string> {
  const now = Date.now();
  const lines: string[] = [];
  for (let at = new Date(now).setUTCHours(0, 5); at < now; at += TODAY_EVERY_MS) {
    const price = 120 + ((at / TODAY_EVERY_MS) % 7) * 50;
    const order_value = Math.round(price * 100) / 100;
    const items = [{ product_id: 'P001', quantity: 1, price_per_unit: order_value }];
    const order_timestamp = new Date(at).toISOString();
    lines.push(JSON.stringify({ order_id: `TODAY-${at}`, user_id: 'U00042', order_timestamp, order_value, items }));
  }
  const folder = await mkdtemp(join(tmpdir(), 'orders-today-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'orders.jsonl');
  await writeFile(file, lines.join('\n'));
  return file;
}

/** Opens the page with a user chosen. */
async function openPage(browser: Browser, url: string, colors: string): Promise<{ page: Page; path: string }> {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: HEIGHT },
    colorScheme: colors === 'dark' ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(`${url}#/users/${USER}`);
  await page.locator('#user-figures .bar').first().waitFor();
  return { page, path: join(out, `dashboard-${colors}.png`) };
}
