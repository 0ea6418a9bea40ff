import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { linesOf, startPipeline } from '../scripts/pictures/terminal.ts';
import { NpmCommand } from '../scripts/shared/npmCommand.ts';
import { chromiumOptions } from './servers/findProgram.ts';

const WIDTH = 1280;
/** Less than any content: a full page is as high as the window at least. */
const HEIGHT = 100;

/** A year of orders, some of which come again, are amended or cancelled. */
const HISTORY = [
  '--count 24000 --users 800 --duplicates 0.02 --wait',
  '--count 300 --users 800 --seed 2 --revisions 0.3 --cancellations 0.1 --wait',
];
/** Orders that come while the pictures are taken. */
const NOW = '--count 90 --users 800 --seed 3 --now --rate 4';
/** Some time after they began to come. */
const PAUSE_MS = 18_000;
const USER = 'U00008';

const { out } = new NpmCommand()
  .name('npm run screenshot --')
  .usage('[options]')
  .description('Takes pictures of the page, in light and in dark colours, with orders that populate generates.')
  .option('--out <folder>', 'where to put dashboard-light.png and dashboard-dark.png', 'docs')
  .parse()
  .opts<{ out: string }>();

const pipeline = startPipeline({ SAMPLE_ORDERS: '0' });
try {
  const url = await pipeline.page;
  for (const options of HISTORY) await populate(options);
  const browser = await chromium.launch(await chromiumOptions());
  const pages = await Promise.all(['light', 'dark'].map((colors) => openPage(browser, url, colors)));
  const sending = populate(NOW);
  await sleep(PAUSE_MS);
  for (const { page, path } of pages) {
    await page.screenshot({ path, fullPage: true });
    console.log(path);
  }
  await sending;
  await browser.close();
} finally {
  await pipeline.stop();
}

async function populate(options: string): Promise<void> {
  const sending = pipeline.run(`npm run --silent populate -- ${options}`);
  if ((await sending.ended) !== 0) throw new Error(linesOf(sending.terminal).join('\n'));
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
