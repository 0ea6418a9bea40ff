import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as v from 'valibot';
import { afterAll, vi } from 'vitest';
import { parse } from 'yaml';
import { bundling } from '../../esbuild.config.cjs';
import { type Ask, loadReadFunction } from './readFunction.ts';

const require = createRequire(import.meta.url);

const HttpEvent = v.object({ http: v.object({ method: v.literal('any'), path: v.string() }) });

const GatewayResponse = v.object({
  Type: v.literal('AWS::ApiGateway::GatewayResponse'),
  Properties: v.object({
    ResponseType: v.string(),
    ResponseTemplates: v.strictObject({ 'application/json': v.string() }),
  }),
});

// The tags of CloudFormation, such as !Ref, are unknown to YAML.
const service = v.parse(
  v.object({
    functions: v.record(v.string(), v.object({ handler: v.string(), events: v.array(v.unknown()) })),
    resources: v.object({ Resources: v.record(v.string(), v.unknown()) }),
  }),
  parse(readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8'), { logLevel: 'error' }),
);

/** A function of serverless.yml and the path that it answers. */
export type ApiFunction = { readonly name: string; readonly path: string; readonly source: string };

/** The functions of serverless.yml that API Gateway calls. */
export const apiFunctions: readonly ApiFunction[] = Object.entries(service.functions).flatMap(
  ([name, { handler, events }]) =>
    events
      .filter((event) => v.is(HttpEvent, event))
      .map(({ http }) => ({ name, path: http.path, source: handler.replace(/\.handler$/, '.ts') })),
);

/** What API Gateway answers itself according to serverless.yml, by its name for the reason. */
export const gatewayResponses: ReadonlyMap<string, string> = new Map(
  Object.values(service.resources.Resources)
    .filter((resource) => v.is(GatewayResponse, resource))
    .map(({ Properties }) => [Properties.ResponseType, Properties.ResponseTemplates['application/json']]),
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
