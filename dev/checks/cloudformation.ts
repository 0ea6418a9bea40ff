import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import pMap from 'p-map';
import { requirePythonTool } from '../servers/programs.ts';
import { type Package, packageVariant, VARIANTS, type Variant } from './package.ts';

/* Packages every stage, with every choice that serverless.yml offers, and checks the templates with cfn-lint. */

/** W3005 reports a redundant DependsOn. The framework writes one for each function. */
const OPTIONS = ['--ignore-checks', 'W3005'];

const packages: Package[] = [];
try {
  const cfnLint = requirePythonTool('cfn-lint');
  const packageNext = async (variant: Variant) => packages.push(await packageVariant(variant));
  await pMap(Object.values(VARIANTS), packageNext, { concurrency: availableParallelism() });
  const templates = packages.map(({ template }) => template);
  const passed = spawnSync(cfnLint, [...OPTIONS, '--', ...templates], { stdio: 'inherit' }).status === 0;
  if (passed) console.log(`cfn-lint finds nothing in the templates of: ${Object.keys(VARIANTS).join(', ')}.`);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const { remove } of packages) remove();
}
