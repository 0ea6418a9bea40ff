import type { LaunchOptions } from 'playwright-core';
import { findProgram, type Program } from './findProgram.ts';

const CHROMIUM: Program = {
  commands: [
    'chromium',
    'chromium-browser',
    'google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  installers: [
    {
      tool: 'apt-get',
      commands: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'chromium'],
      ],
    },
  ],
  whatToDo:
    'No chromium or google-chrome is on PATH. Install one (Debian: apt-get install chromium; ' +
    'macOS: brew install --cask google-chrome).',
};

/** The browser keeps to itself: it asks no server for updates, and syncs nothing. */
const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * How Playwright launches the Chromium of this machine. A missing one is installed with apt-get: after a question on a
 * terminal, without one where CI=true.
 *
 * @throws an error that says what to do, when there is none in the end
 */
export async function chromiumOptions(): Promise<LaunchOptions> {
  const { path } = await findProgram(CHROMIUM);
  // Chromium refuses to run in its sandbox as root, as in most containers.
  return { executablePath: path, chromiumSandbox: process.getuid?.() !== 0, args: ARGS };
}
