import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Table from 'cli-table3';
import { build } from 'esbuild';
import { bundling } from '../../esbuild.config.cjs';
import { functionFiles } from './functionFiles.ts';

/*
 * What a cold start of a function depends on: the size of its bundle, and the time to load it in a new process. Bundles
 * all of them as they are deployed, and loads each several times; the fastest load counts. Fails when a bundle has grown
 * over the limit. Two functions bring the SQS client along; the worker loads it only when it needs it.
 */

const LIMIT_KB = 300;
const WITH_SQS_CLIENT = ['processOrders', 'getPipeline'];
const LOADS = 5;

/** Prints the milliseconds that it takes to load a module. */
const LOAD = 'const start = performance.now(); require(process.argv[1]); console.log(performance.now() - start)';

const ENVIRONMENT = {
  REDIS_URL: 'redis://localhost',
  QUEUE_URL: 'http://localhost/queue',
  DEAD_LETTER_QUEUE_URL: 'http://localhost/dead-letters',
  AWS_REGION: 'us-east-1',
  STAGE: 'local',
  VERSION: '0',
};

const directory = mkdtempSync(join(tmpdir(), 'orders-bundles-'));
await build({ ...bundling, entryPoints: functionFiles(), outdir: directory, outExtension: { '.js': '.cjs' } });
const table = new Table({ head: ['function', 'kB', 'loaded in ms'], style: { head: [], border: [], compact: true } });
const tooLarge: string[] = [];
for (const file of functionFiles()) {
  const name = basename(file, '.ts');
  const bundle = join(directory, `${name}.cjs`);
  const kilobytes = statSync(bundle).size / 1000;
  if (!WITH_SQS_CLIENT.includes(name) && kilobytes > LIMIT_KB) tooLarge.push(name);
  const loadMs = Math.min(...Array.from({ length: LOADS }, () => load(bundle)));
  table.push([name, kilobytes.toFixed(0), loadMs.toFixed(0)]);
}
rmSync(directory, { recursive: true });

console.log(table.toString());
if (tooLarge.length > 0) console.error(`Over ${LIMIT_KB} kB: ${tooLarge.join(', ')}. See what was added to them.`);
process.exitCode = tooLarge.length > 0 ? 1 : 0;

function load(bundle: string): number {
  const env = { PATH: process.env.PATH, ...ENVIRONMENT };
  return Number(execFileSync(process.execPath, ['-e', LOAD, bundle], { env, encoding: 'utf8' }));
}
