import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../node_modules/.cache');

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
