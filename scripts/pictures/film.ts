import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Frame } from './apng.ts';
import { decodePng, type Pixels } from './png.ts';
import type { Terminal } from './terminal.ts';

const WIDTH = 960;
const PAGE_HEIGHT = 740;
const ROWS = 11;
const ROWS_OF_FIRST = 4;
const TERMINAL_HEIGHT = 220;
/** Between two pictures. */
const PAUSE_MS = 250;

const TERMINAL_PAGE = `<style>
  body { margin: 0; height: 100vh; padding: 12px 16px; box-sizing: border-box; overflow: hidden; background: #14161c; }
  pre { margin: 0; color: #d7dae0; font: 12.5px/17px 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
  pre + pre:not(:empty) { margin-top: 6px; padding-top: 6px; border-top: 1px solid #343945; }
</style><pre></pre><pre></pre>`;

/** Films one or two terminals, and below them a page. */
export class Film {
  readonly frames: Frame[] = [];
  /** The terminals, in the order of their beginning. */
  readonly terminals: Terminal[] = [];

  private constructor(
    private readonly screen: Page,
    readonly page: Page,
  ) {}

  static async begin(browser: Browser): Promise<Film> {
    const screen = await browser.newPage({ viewport: { width: WIDTH, height: TERMINAL_HEIGHT } });
    await screen.setContent(TERMINAL_PAGE);
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: PAGE_HEIGHT },
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    return new Film(screen, page);
  }

  /**
   * Films until something has happened.
   *
   * @param speed how many times faster than it was
   */
  async until(happened: Promise<unknown>, speed: number): Promise<void> {
    let isOver = false;
    const over = happened.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    while (!isOver) {
      const start = performance.now();
      const pixels = await this.#take();
      await sleep(PAUSE_MS);
      this.frames.push({ pixels, milliseconds: Math.round((performance.now() - start) / speed) });
    }
    await over;
  }

  /** Shows what there is now for some time. */
  async hold(milliseconds: number): Promise<void> {
    this.frames.push({ pixels: await this.#take(), milliseconds });
  }

  async #take(): Promise<Pixels> {
    const [first, second] = this.terminals.slice(-2);
    const texts = second
      ? [first?.screen(ROWS_OF_FIRST), second.screen(ROWS - ROWS_OF_FIRST)]
      : [first?.screen(ROWS), undefined];
    for (const [index, lines = []] of texts.entries()) {
      await this.screen
        .locator('pre')
        .nth(index)
        .evaluate((pre, text) => pre.replaceChildren(text), lines.join('\n'));
    }
    const parts = [decodePng(await this.screen.screenshot()), decodePng(await this.page.screenshot())];
    return {
      width: WIDTH,
      height: parts.reduce((sum, { height }) => sum + height, 0),
      rgb: Buffer.concat(parts.map(({ rgb }) => rgb)),
    };
  }
}
