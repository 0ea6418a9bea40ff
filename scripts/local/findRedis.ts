import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';

/** Names of the server on PATH, in order of preference. */
const SERVERS = ['redis-server', 'valkey-server'];

/** Package managers that have it, and what to run. */
const INSTALLERS = [
  {
    tool: 'apt-get',
    commands: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', 'redis-server'],
    ],
  },
  { tool: 'brew', commands: [['brew', 'install', 'redis']] },
];

const WHAT_TO_DO =
  'No redis-server or valkey-server is on PATH. Install one (Debian, Ubuntu: apt-get install redis-server; ' +
  'macOS: brew install redis).';

/**
 * Name of a Redis server on PATH. A missing one is installed with apt-get or brew: after a question on a terminal,
 * without one where CI=true.
 *
 * @throws an error that says what to do, when there is none in the end
 */
export async function findRedisServer(): Promise<string> {
  const found = SERVERS.find(isOnPath);
  if (found) return found;
  const installer = INSTALLERS.find(({ tool }) => isOnPath(tool));
  if (!installer || !(await mayInstall(installer.commands))) throw new Error(WHAT_TO_DO);
  try {
    for (const command of installer.commands) run(command);
  } catch (cause) {
    throw new Error(`${WHAT_TO_DO} Installing it just now failed.`, { cause });
  }
  const installed = SERVERS.find(isOnPath);
  if (!installed) throw new Error(WHAT_TO_DO);
  return installed;
}

function isOnPath(command: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function mayInstall(commands: readonly string[][]): Promise<boolean> {
  if (process.env.CI === 'true') return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const text = commands.map((command) => command.join(' ')).join(' && ');
  const answer = await prompt.question(`There is no redis-server on PATH. Install it now with "${text}"? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

function run(command: readonly string[]): void {
  const needsSudo = command[0] === 'apt-get' && process.getuid?.() !== 0;
  const [file = '', ...args] = needsSudo ? ['sudo', ...command] : command;
  // To standard error: standard output belongs to whoever called.
  execFileSync(file, args, { stdio: ['inherit', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
