import { spawnSync } from 'node:child_process';
import * as v from 'valibot';

/*
 * Known vulnerabilities of the packages that are deployed: fails where there are any. A registry that keeps no list of
 * them, such as a mirror, is said so and is no failure.
 */

const AUDIT = ['audit', '--omit=dev'];

const Report = v.pipe(v.string(), v.parseJson(), v.object({ vulnerabilities: v.record(v.string(), v.unknown()) }));

const { stdout } = spawnSync('npm', [...AUDIT, '--json'], { encoding: 'utf8' });
const report = v.safeParse(Report, stdout);
if (!report.success) {
  console.warn('Not audited: the npm registry in use answers no list of vulnerabilities.');
} else if (Object.keys(report.output.vulnerabilities).length > 0) {
  process.exitCode = spawnSync('npm', AUDIT, { stdio: 'inherit' }).status ?? 1;
} else {
  console.log('No vulnerabilities are known in the packages that are deployed.');
}
