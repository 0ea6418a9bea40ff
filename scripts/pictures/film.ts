import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '@xterm/headless';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { linesOf } from './terminal.ts';

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

/** A picture as a PNG file, and for how long it shows. */
type Frame = { readonly png: Buffer; milliseconds: number };

/** Films one or two terminals, and below them a page. */
export class Film {
  readonly #frames: Frame[] = [];
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
      const png = await this.#take();
      await sleep(PAUSE_MS);
      this.#add(png, (performance.now() - start) / speed);
    }
    await over;
  }

  /** Shows what there is now for some time. */
  async hold(milliseconds: number): Promise<void> {
    this.#add(await this.#take(), milliseconds);
  }

  /** The film as an animated GIF file, which repeats for ever. */
  develop(): Promise<Buffer> {
    const pngs = this.#frames.map(({ png }) => png);
    const delay = this.#frames.map(({ milliseconds }) => Math.round(milliseconds));
    // Dither would change from frame to frame where the page does not.
    return sharp(pngs, { join: { animated: true } })
      .gif({ delay, loop: 0, dither: 0 })
      .toBuffer();
  }

  /** Makes one frame of those that follow each other and are the same. */
  #add(png: Buffer, milliseconds: number): void {
    const last = this.#frames.at(-1);
    if (last?.png.equals(png)) last.milliseconds += milliseconds;
    else this.#frames.push({ png, milliseconds });
  }

  async #take(): Promise<Buffer> {
    const [first, second] = this.terminals.slice(-2).map(linesOf);
    const texts = [first?.slice(second ? -ROWS_OF_FIRST : -ROWS), second?.slice(ROWS_OF_FIRST - ROWS)];
    for (const [index, lines = []] of texts.entries()) {
      await this.screen
        .locator('pre')
        .nth(index)
        .evaluate((pre, text) => pre.replaceChildren(text), lines.join('\n'));
    }
    const top = await this.screen.screenshot();
    return sharp(await this.page.screenshot())
      .extend({ top: TERMINAL_HEIGHT })
      .composite([{ input: top, left: 0, top: 0 }])
      .png({ compressionLevel: 1 })
      .toBuffer();
  }
}
