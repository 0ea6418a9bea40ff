import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';

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
