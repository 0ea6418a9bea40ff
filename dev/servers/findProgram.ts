import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { LaunchOptions } from 'playwright-core';

/** A program that may be missing on this machine. */
export type Program = {
  /** Its names on PATH, or paths, in order of preference. */
  readonly commands: readonly [string, ...string[]];
  /** Package managers that have it, and what to run. */
  readonly installers: readonly { readonly tool: string; readonly commands: readonly string[][] }[];
  /** What to do where it is missing and is not installed. */
  readonly whatToDo: string;
};

/** What to run, and where that is. */
export type FoundProgram = { readonly command: string; readonly path: string };

/**
 * Finds a program. A missing one is installed: after a question on a terminal, without one where CI=true.
 *
 * @throws an error that says what to do, when there is none in the end
 */
export async function findProgram(program: Program): Promise<FoundProgram> {
  const found = findFirst(program.commands);
  if (found) return found;
  const installer = program.installers.find(({ tool }) => findFirst([tool]));
  if (!installer || !(await mayInstall(program, installer.commands))) throw new Error(program.whatToDo);
  try {
    for (const command of installer.commands) run(command);
  } catch (cause) {
    throw new Error(`${program.whatToDo} Installing it just now failed.`, { cause });
  }
  const installed = findFirst(program.commands);
  if (!installed) throw new Error(program.whatToDo);
  return installed;
}

function findFirst(commands: readonly string[]): FoundProgram | undefined {
  for (const command of commands) {
    const path = pathOf(command);
    if (path) return { command, path };
  }
  return undefined;
}

function pathOf(command: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

async function mayInstall(program: Program, commands: readonly string[][]): Promise<boolean> {
  if (process.env.CI === 'true') return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const text = commands.map((command) => command.join(' ')).join(' && ');
  const answer = await prompt.question(
    `There is no ${program.commands[0]} on PATH. Install it now with "${text}"? [y/N] `,
  );
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

function run(command: readonly string[]): void {
  const needsSudo = command[0] === 'apt-get' && process.getuid?.() !== 0;
  const [file = '', ...args] = needsSudo ? ['sudo', ...command] : command;
  // To standard error: standard output belongs to whoever called.
  execFileSync(file, args, { stdio: ['inherit', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

const REDIS: Program = {
  commands: ['redis-server', 'valkey-server'],
  installers: [
    {
      tool: 'apt-get',
      commands: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'redis-server'],
      ],
    },
    { tool: 'brew', commands: [['brew', 'install', 'redis']] },
  ],
  whatToDo:
    'No redis-server or valkey-server is on PATH. Install one (Debian, Ubuntu: apt-get install redis-server; ' +
    'macOS: brew install redis).',
};

/**
 * Name of a Redis server on PATH. A missing one is installed with apt-get or brew: after a question on a terminal,
 * without one where CI=true.
 *
 * @throws an error that says what to do, when there is none in the end
 */
export const findRedisServer = async (): Promise<string> => (await findProgram(REDIS)).command;

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

const CACHE = join(import.meta.dirname, '../../node_modules/.cache');

/**
 * The command of a tool from PyPI: that on the PATH, else one in a virtual environment, which is made where there is none
 * yet for these requirements.
 *
 * @param requirements path of a requirements.txt
 * @throws an error that says what is missing
 */
export function findPythonTool(command: string, requirements: string): string {
  if (answers(command)) return command;
  if (!answers('python3')) {
    throw new Error(
      `${command} needs Python: put ${command} on the PATH, or python3 with venv and pip to install it with.`,
    );
  }
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const environment = join(CACHE, `${command}-${version}`);
  const path = join(environment, 'bin', command);
  if (!existsSync(path)) install(requirements, environment);
  return path;
}

function install(requirements: string, environment: string): void {
  console.log(`Installing ${readFileSync(requirements, 'utf8').trim()} into ${environment}`);
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', environment], { stdio: 'inherit' });
    execFileSync(join(environment, 'bin', 'pip'), pip, { stdio: 'inherit' });
  } catch (cause) {
    rmSync(environment, { recursive: true, force: true });
    throw new Error('That failed: python3 needs its modules venv and pip, and pip a package index.', { cause });
  }
}

const answers = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
