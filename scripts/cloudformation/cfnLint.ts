import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPythonTool } from '../shared/findProgram.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const CONFIG = join(import.meta.dirname, 'cfnlintrc.yml');

/**
 * Checks templates with cfn-lint and prints what it found.
 *
 * @returns whether it found nothing
 * @throws an error that says what is missing where it cannot be run
 */
export function lint(templates: readonly string[]): boolean {
  const cfnLint = findPythonTool('cfn-lint', REQUIREMENTS);
  return spawnSync(cfnLint, ['--config-file', CONFIG, '--', ...templates], { stdio: 'inherit' }).status === 0;
}
