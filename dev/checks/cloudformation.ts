import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import { requirePythonTool } from '../servers/programs.ts';
import { packageVariant, VARIANTS } from './package.ts';

/* Packages every stage, with every choice that serverless.yml offers, and checks the templates with cfn-lint. */

/** W3005 reports a redundant DependsOn. The framework writes one for each function. */
const OPTIONS = ['--ignore-checks', 'W3005'];

// Holds all packages. It is removed after Ctrl-C too.
const folder = mkdtempSync(join(tmpdir(), 'orders-packages-'));
process.env.TMPDIR = folder;
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
process.once('SIGINT', () => process.exit(130));

try {
  const cfnLint = requirePythonTool('cfn-lint');
  const packages = await pMap(Object.values(VARIANTS), packageVariant, { concurrency: availableParallelism() });
  const templates = packages.map(({ template }) => template);
  const passed = spawnSync(cfnLint, [...OPTIONS, '--', ...templates], { stdio: 'inherit' }).status === 0;
  if (passed) console.log(`cfn-lint finds nothing in the templates of: ${Object.keys(VARIANTS).join(', ')}.`);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
