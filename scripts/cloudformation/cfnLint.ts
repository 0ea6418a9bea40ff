import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const CONFIG = join(import.meta.dirname, 'cfnlintrc.yml');

/**
 * The cfn-lint on the PATH, else one that is installed into a cache folder.
 *
 * @throws an error that says what is missing
 */
export function findCfnLint(): string {
  if (spawnSync('cfn-lint', ['--version']).status === 0) return 'cfn-lint';
  if (spawnSync('python3', ['--version']).status !== 0)
    throw new Error('cfn-lint needs Python: put cfn-lint on the PATH, or python3 with pip to install it with.');
  return installed();
}

/** Checks templates and prints what it found. @returns whether it found nothing */
export function lint(cfnLint: string, templates: readonly string[]): boolean {
  return spawnSync(cfnLint, ['--config-file', CONFIG, '--', ...templates], { stdio: 'inherit' }).status === 0;
}

/** One installation for each set of requirements. */
function installed(): string {
  const version = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const environment = join(cache, 'orders-cfn-lint', version);
  const command = join(environment, 'bin', 'cfn-lint');
  if (existsSync(command)) return command;
  console.log(`Installing cfn-lint into ${environment}`);
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', environment], { stdio: 'inherit' });
    execFileSync(join(environment, 'bin', 'pip'), ['install', '--quiet', '--requirement', REQUIREMENTS], {
      stdio: 'inherit',
    });
  } catch {
    rmSync(environment, { recursive: true, force: true });
    throw new Error(
      'cfn-lint could not be installed: python3 needs its modules venv and pip, and pip a package index.',
    );
  }
  return command;
}
