import { Command, InvalidArgumentError } from 'commander';
import { chromium, errors } from 'playwright-core';
import { chromiumOptions } from './local/chromium.ts';

const WIDTH = 1280;
/** Less than any content: a full page is as high as the window at least. */
const HEIGHT = 100;
const TIME_LIMIT_MS = 20_000;

type Options = { readonly url: string; readonly out: string; readonly dark?: true };

const options = new Command()
  .name('npm run screenshot --')
  .usage('[options]')
  .description('Takes a picture of the dashboard that runs, once it has figures.')
  .option('--url <URL>', 'where the page is', pageUrl, 'http://localhost:3000/dashboard')
  .requiredOption('--out <file>', 'where to put the picture, such as dashboard.png')
  .option('--dark', 'as those see it who prefer dark colours')
  .parse()
  .opts<Options>();
try {
  await takePicture(options);
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}

async function takePicture({ url, out, dark }: Options): Promise<void> {
  const browser = await chromium.launch(await chromiumOptions());
  try {
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: HEIGHT },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(TIME_LIMIT_MS);
    await page.goto(url);
    await page.locator('body[data-state=live]').waitFor();
    await page.screenshot({ path: out, fullPage: true });
  } finally {
    await browser.close();
  }
}

function pageUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://localhost:3000/dashboard.');
}

function describe(error: unknown): string {
  if (error instanceof errors.TimeoutError) return `${options.url} shows no figures within ${TIME_LIMIT_MS / 1000} s.`;
  if (!(error instanceof Error)) return String(error);
  // Without Playwright's log of the call.
  if (!error.message.includes('ERR_CONNECTION_REFUSED')) return error.message.split('\n', 1).join();
  return `Nothing answers at ${options.url}: start the pipeline with npm start, or name the page with --url.`;
}
