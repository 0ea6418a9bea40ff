import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import type { LaunchOptions } from 'playwright-core';

/**
 * The path of a program that may be missing on this machine.
 *
 * @param commands its names on PATH, or paths, in order of preference
 * @param whatToDo message of the error if there is none
 */
export function requireProgram(commands: readonly string[], whatToDo: string): string {
  const path = findProgram(commands);
  if (path === undefined) throw new Error(whatToDo);
  return path;
}

function findProgram(commands: readonly string[]): string | undefined {
  for (const command of commands) {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', command], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

const REDIS = ['redis-server', 'valkey-server'];
const NO_REDIS =
  'No redis-server or valkey-server is on PATH. Install one (Debian, Ubuntu: apt-get install redis-server; ' +
  'macOS: brew install redis).';

/**
 * The path of a Redis server. Nothing runs without Redis, so a missing one is installed with apt-get or brew. On a terminal
 * this asks first. Without a terminal, for example in a container, it is installed only for root.
 *
 * @throws an error that says what to do if there is still none
 */
export async function findRedisServer(): Promise<string> {
  const found = findProgram(REDIS);
  if (found) return found;
  const install = installCommand();
  if (install === undefined || !(await mayRun(install))) throw new Error(NO_REDIS);
  const { status } = spawnSync('/bin/sh', ['-c', install], {
    // Standard output belongs to the caller.
    stdio: ['inherit', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return requireProgram(REDIS, status === 0 ? NO_REDIS : `${NO_REDIS} Installing it just now failed.`);
}

const isRoot = (): boolean => process.getuid?.() === 0;

function installCommand(): string | undefined {
  const sudo = isRoot() ? '' : 'sudo ';
  if (findProgram(['apt-get'])) return `${sudo}apt-get update && ${sudo}apt-get install -y redis-server`;
  return findProgram(['brew']) && 'brew install redis';
}

async function mayRun(install: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return isRoot();
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`There is no redis-server on PATH. Install it now with "${install}"? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

const CHROMIUM = [
  // Faster, as it has no user interface.
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const NO_CHROMIUM =
  'No chromium or google-chrome is on PATH. Install one (Debian: apt-get install chromium-headless-shell; ' +
  'macOS: brew install --cask google-chrome).';

/**
 * How Playwright launches the Chromium of this machine.
 *
 * @throws an error that says what to do if there is none
 */
export const chromiumOptions = (): LaunchOptions => ({
  executablePath: requireProgram(CHROMIUM, NO_CHROMIUM),
  // Chromium refuses to run in its sandbox as root.
  chromiumSandbox: !isRoot(),
  args: [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    // It asks no server for updates, and syncs nothing.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

/**
 * A tool from PyPI.
 *
 * @throws an error that says how to install it
 */
export const requirePythonTool = (command: string): string =>
  requireProgram(
    [command],
    `No ${command} is on PATH. Install it: pip install --requirement dev/checks/requirements.txt`,
  );
