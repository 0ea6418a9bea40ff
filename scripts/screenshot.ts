import { join } from 'node:path';
import { Command } from 'commander';
import { type Browser, chromium } from 'playwright-core';
import { chromiumOptions } from './local/chromium.ts';
import { startPipeline } from './pictures/pipeline.ts';

const WIDTH = 1280;
/** Less than any content: a full page is as high as the window at least. */
const HEIGHT = 100;

/** A year of orders, some of them amended, and those of today. */
const ORDERS = [
  '--count 24000 --users 800 --duplicates 0.02 --wait',
  '--count 2000 --users 800 --seed 2 --revisions 0.1 --cancellations 0.05 --wait',
  '--count 70 --users 800 --seed 3 --now --wait',
];

const { out } = new Command()
  .name('npm run screenshot --')
  .usage('[options]')
  .description('Takes pictures of the page, in light and in dark colours, with orders that populate generates.')
  .option('--out <folder>', 'where to put dashboard-light.png and dashboard-dark.png', 'docs')
  .parse()
  .opts<{ out: string }>();

const pipeline = startPipeline({ SAMPLE_ORDERS: '0' });
try {
  const url = await pipeline.page;
  for (const options of ORDERS) {
    const sending = pipeline.run(`npm run --silent populate -- ${options}`);
    if ((await sending.ended) !== 0) throw new Error(sending.terminal.text);
  }
  const browser = await chromium.launch(await chromiumOptions());
  await takePicture(browser, url, 'light');
  await takePicture(browser, url, 'dark');
  await browser.close();
} finally {
  await pipeline.stop();
}

async function takePicture(browser: Browser, url: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: HEIGHT },
    colorScheme,
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await page.locator('body[data-state=live]').waitFor();
  // A rate needs two readings.
  await page.locator('[data-show=rate]').getByText(/\d/).waitFor();
  const path = join(out, `dashboard-${colorScheme}.png`);
  await page.screenshot({ path, fullPage: true });
  console.log(path);
}
