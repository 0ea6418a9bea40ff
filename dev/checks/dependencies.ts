import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { build } from 'esbuild';
import * as v from 'valibot';
import { bundling } from '../../esbuild.config.cjs';

/*
 * Checks the packages in the deployed bundles. Fails if a licence requires more than attribution, or if a vulnerability is
 * known. A registry without a list of vulnerabilities, such as a mirror, is reported, but is no failure.
 */

const ALLOWED = ['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];
const AUDIT = ['audit', '--omit=dev'];

const Package = v.object({ name: v.string(), version: v.string(), license: v.optional(v.string(), 'none') });
const Report = v.pipe(v.string(), v.parseJson(), v.object({ vulnerabilities: v.record(v.string(), v.unknown()) }));

const areAllowed = await checkLicences();
const areSafe = audit();
process.exitCode = areAllowed && areSafe ? 0 : 1;

/** Only for packages that esbuild bundles: npm installs more. */
async function checkLicences(): Promise<boolean> {
  const { metafile } = await build({
    ...bundling,
    entryPoints: ['functions/*.ts', 'dashboard/main.ts'],
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
  return refused.length === 0;
}

function audit(): boolean {
  const { stdout } = spawnSync('npm', [...AUDIT, '--json'], { encoding: 'utf8' });
  const report = v.safeParse(Report, stdout);
  if (!report.success) {
    console.warn('Not audited: this npm registry has no list of vulnerabilities.');
    return true;
  }
  if (Object.keys(report.output.vulnerabilities).length > 0) {
    spawnSync('npm', AUDIT, { stdio: 'inherit' });
    return false;
  }
  console.log('No vulnerabilities are known in the deployed packages.');
  return true;
}
