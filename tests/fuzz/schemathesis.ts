import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const ENVIRONMENT = join(import.meta.dirname, '../../node_modules/.cache/schemathesis');

/**
 * The command that runs Schemathesis: that on PATH, or else one in a virtual environment of Python, which is made where
 * there is none yet.
 *
 * @throws an error that says what to do where there is no Python
 */
export function findSchemathesis(): string {
  if (isOnPath('schemathesis')) return 'schemathesis';
  if (!isOnPath('python3')) {
    throw new Error('Neither schemathesis nor python3 is on PATH. Install one of them, e.g. pip install schemathesis.');
  }
  // Both are quick where there is nothing left to do.
  execFileSync('python3', ['-m', 'venv', ENVIRONMENT], { stdio: 'inherit' });
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS];
  execFileSync(join(ENVIRONMENT, 'bin/pip'), pip, { stdio: 'inherit' });
  return join(ENVIRONMENT, 'bin/schemathesis');
}

const isOnPath = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
