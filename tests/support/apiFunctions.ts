import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as v from 'valibot';
import { afterAll, vi } from 'vitest';
import { bundling } from '../../esbuild.config.cjs';
import { readYaml } from './apiResources.ts';
import { type Ask, loadReadFunction } from './readFunction.ts';

const require = createRequire(import.meta.url);

const HttpEvent = v.object({ http: v.object({ method: v.literal('any'), path: v.string() }) });

const Functions = v.record(v.string(), v.object({ handler: v.string(), events: v.array(v.unknown()) }));

/** `functions`: those of the file, and references to files with more, none of which API Gateway calls. */
const Service = v.object({ functions: v.looseTuple([Functions]) });

const [functions] = v.parse(Service, readYaml('serverless.yml')).functions;

/** A function of serverless.yml and the path that it answers. */
export type ApiFunction = { readonly name: string; readonly path: string; readonly source: string };

/** The functions of serverless.yml that API Gateway calls. */
export const apiFunctions: readonly ApiFunction[] = Object.entries(functions).flatMap(([name, { handler, events }]) =>
  events
    .filter((event) => v.is(HttpEvent, event))
    .map(({ http }) => ({ name, path: http.path, source: handler.replace(/\.handler$/, '.ts') })),
);

/** Starts a function of the API, with this Redis. */
export type StartFunction = (name: string, redisUrl: string) => Promise<Ask>;

/** Bundles the functions of the API as they are deployed; the bundles are gone after the last test. */
export async function bundleApiFunctions(): Promise<StartFunction> {
  const outdir = mkdtempSync(join(tmpdir(), 'orders-bundles-'));
  afterAll(() => {
    rmSync(outdir, { recursive: true });
    vi.unstubAllEnvs();
  });
  const entryPoints = Object.fromEntries(apiFunctions.map(({ name, source }) => [name, source]));
  await build({ ...bundling, entryPoints, outdir, outExtension: { '.js': '.cjs' }, sourcemap: false });
  return (name, redisUrl) => {
    const file = join(outdir, `${name}.cjs`);
    const importAnew = async () => {
      delete require.cache[file];
      return require(file);
    };
    return loadReadFunction(importAnew, { REDIS_URL: redisUrl });
  };
}
