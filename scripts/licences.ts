import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { build } from 'esbuild';
import * as v from 'valibot';
import { bundling } from '../esbuild.config.cjs';
import { functionFiles } from './shared/functionFiles.ts';

/*
 * The packages that are part of the deployed bundles, and their licences. Fails where one is not among those that ask for
 * no more than to be named.
 */

const ALLOWED = ['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];

const Package = v.object({ name: v.string(), version: v.string(), license: v.optional(v.string(), 'none') });

const { metafile } = await build({
  ...bundling,
  entryPoints: [...functionFiles(), 'dashboard/main.ts'],
  outdir: 'unused',
  write: false,
  metafile: true,
});
const folders = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
const packages = [...folders]
  .map((folder) => v.parse(Package, JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const table = new Table({ head: ['package', 'version', 'licence'], style: { head: [], border: [], compact: true } });
for (const { name, version, license } of packages) table.push([name, version, license]);
console.log(table.toString());
const refused = packages.filter(({ license }) => !ALLOWED.includes(license));
for (const { name, license } of refused)
  console.error(`The licence of ${name} is ${license}, not one of ${ALLOWED.join(', ')}.`);
process.exitCode = refused.length > 0 ? 1 : 0;
