import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { chromiumOptions } from '../dev/servers/findProgram.ts';
import { Film } from './pictures/film.ts';
import { openTerminal, startPipeline } from './pictures/terminal.ts';
import { NpmCommand } from './shared/npmCommand.ts';

const HISTORY = 'populate -- --count 30000 --users 800 --invalid 0.0002';
const TODAY = 'populate -- --count 200 --users 800 --now --rate 10';

const { out } = new NpmCommand()
  .name('npm run moving-picture --')
  .usage('[options]')
  .description('Films npm start, populate and the page that counts, all of them real, as an animated GIF file.')
  .option('--out <file>', 'where to put it', 'docs/live.gif')
  .parse()
  .opts<{ out: string }>();

const browser = await chromium.launch(await chromiumOptions());
const pipeline = startPipeline();
try {
  const film = await Film.begin(browser);
  pipeline.terminal.write('$ npm start\n');
  film.terminals.push(pipeline.terminal);
  await film.until(pipeline.page, 4);
  await film.page.goto(await pipeline.page);
  await film.until(film.page.locator('body[data-state=live]').waitFor(), 1);
  await film.hold(1200);
  const terminal = openTerminal();
  film.terminals.push(terminal);
  for (const [line, speed] of [
    [HISTORY, 3],
    [TODAY, 2],
  ] as const) {
    terminal.write(`$ npm run ${line}\n`);
    await film.hold(800);
    const sending = pipeline.run(`npm run --silent ${line}`, terminal);
    await film.until(sending.ended, speed);
    // Until the page has read all of it.
    await film.until(sleep(8000), 4);
  }
  await film.hold(3000);
  // What needs attention: some of the messages are invalid.
  await film.page.locator('#status').click();
  await film.hold(5000);
  const file = await film.develop();
  writeFileSync(out, file);
  console.log(`${out}: ${Math.round(file.length / 1000)} kB`);
} finally {
  await pipeline.stop();
  await browser.close();
}
