import { availableParallelism } from 'node:os';
import pMap from 'p-map';
import { lint } from './cloudformation/cfnLint.ts';
import { type Package, packageVariant } from './cloudformation/package.ts';
import { VARIANTS, type Variant } from './cloudformation/variants.ts';

/* Packages every stage, with every choice that there is, and checks the templates with cfn-lint. */

const packages: Package[] = [];
try {
  const packageNext = async (variant: Variant) => packages.push(await packageVariant(variant));
  await pMap(Object.values(VARIANTS), packageNext, { concurrency: availableParallelism() });
  const passed = lint(packages.map(({ template }) => template));
  if (passed) console.log(`cfn-lint finds nothing in the templates of: ${Object.keys(VARIANTS).join(', ')}.`);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const { remove } of packages) remove();
}
