import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../esbuild.config.cjs';
import { functionFiles } from '../shared/functionFiles.ts';

/** What a cold start of a function depends on: the size of its bundle, and the time to load it in a new process. */
export type Bundle = { readonly name: string; readonly kilobytes: number; readonly loadMs: number };

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

/** Bundles all functions as they are deployed, and loads each several times; the fastest load counts. */
export async function measureBundles(): Promise<Bundle[]> {
  const directory = mkdtempSync(join(tmpdir(), 'orders-bundles-'));
  await build({ ...bundling, entryPoints: functionFiles(), outdir: directory, outExtension: { '.js': '.cjs' } });
  const bundles = functionFiles().map((file) => {
    const name = basename(file, '.ts');
    const bundle = join(directory, `${name}.cjs`);
    const loadMs = Math.min(...Array.from({ length: LOADS }, () => load(bundle)));
    return { name, kilobytes: statSync(bundle).size / 1000, loadMs };
  });
  rmSync(directory, { recursive: true });
  return bundles;
}

function load(bundle: string): number {
  const env = { PATH: process.env.PATH, ...ENVIRONMENT };
  return Number(execFileSync(process.execPath, ['-e', LOAD, bundle], { env, encoding: 'utf8' }));
}
