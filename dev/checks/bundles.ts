import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Table from 'cli-table3';
import { build } from 'esbuild';
import { bundling } from '../../esbuild.config.cjs';

/*
 * Prints what decides the duration of a cold start: the size of each function's bundle, and the time that a new process
 * takes to load it. Fails when a bundle exceeds the limit.
 */

const LIMIT_KB = 300;
/** These contain clients of AWS. The worker loads them only when it needs them. */
const WITH_AWS_CLIENT = ['processOrders', 'replayArchive', 'getOverview', 'getPipeline'];
/** The fastest run counts. */
const LOADS = 5;

/** Prints how many milliseconds a module takes to load. */
const LOAD = 'const start = performance.now(); require(process.argv[1]); console.log(performance.now() - start)';

const ENVIRONMENT = {
  REDIS_URL: 'redis://localhost',
  QUEUE_URL: 'http://localhost/queue',
  DEAD_LETTER_QUEUE_URL: 'http://localhost/dead-letters',
  ARCHIVE_BUCKET: 'archive',
  AWS_REGION: 'us-east-1',
  STAGE: 'local',
  VERSION: '0',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

const directory = mkdtempSync(join(tmpdir(), 'orders-bundles-'));
await build({ ...bundling, entryPoints: ['functions/*.ts'], outdir: directory, outExtension: { '.js': '.cjs' } });
const table = new Table({ head: ['function', 'kB', 'loaded in ms'], style: { head: [], border: [], compact: true } });
const tooLarge: string[] = [];
for (const file of readdirSync('functions')) {
  const name = basename(file, '.ts');
  const bundle = join(directory, `${name}.cjs`);
  const kilobytes = statSync(bundle).size / 1000;
  if (!WITH_AWS_CLIENT.includes(name) && kilobytes > LIMIT_KB) tooLarge.push(name);
  const loadMs = Math.min(...Array.from({ length: LOADS }, () => load(bundle)));
  table.push([name, kilobytes.toFixed(0), loadMs.toFixed(0)]);
}
rmSync(directory, { recursive: true });

console.log(table.toString());
if (tooLarge.length > 0)
  console.error(`Over ${LIMIT_KB} kB: ${tooLarge.join(', ')}. Find out what has made them larger.`);
process.exitCode = tooLarge.length > 0 ? 1 : 0;

function load(bundle: string): number {
  const env = { PATH: process.env.PATH, ...ENVIRONMENT };
  return Number(execFileSync(process.execPath, ['-e', LOAD, bundle], { env, encoding: 'utf8' }));
}
