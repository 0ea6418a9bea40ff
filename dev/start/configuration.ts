import readConfiguration from 'serverless/lib/configuration/read.js';
import resolve from 'serverless/lib/configuration/variables/resolve.js';
import resolveMeta from 'serverless/lib/configuration/variables/resolve-meta.js';
import env from 'serverless/lib/configuration/variables/sources/env.js';
import file from 'serverless/lib/configuration/variables/sources/file.js';
import slsOf from 'serverless/lib/configuration/variables/sources/instance-dependent/get-sls.js';
import paramOf from 'serverless/lib/configuration/variables/sources/instance-dependent/param.js';
import opt from 'serverless/lib/configuration/variables/sources/opt.js';
import self from 'serverless/lib/configuration/variables/sources/self.js';
import merge from 'serverless/lib/utils/merge-plain-objects.js';
import * as v from 'valibot';

const Parts = v.pipe(
  v.array(v.nullish(v.record(v.string(), v.unknown()), {})),
  v.transform((parts) => merge({}, ...parts)),
);

/** `functions/getHealth.handler`: the path of the code, and what it exports. */
const Handler = v.pipe(
  v.string(),
  v.regex(/^.+\.\w+$/),
  v.transform((text) => {
    const dot = text.lastIndexOf('.');
    return { source: text.slice(0, dot), name: text.slice(dot + 1) };
  }),
);

const Environment = v.record(v.string(), v.unknown());

const Service = v.object({
  service: v.string(),
  provider: v.object({
    stage: v.string(),
    region: v.string(),
    memorySize: v.number(),
    timeout: v.number(),
    environment: Environment,
  }),
  functions: v.pipe(
    Parts,
    v.record(
      v.string(),
      v.object({
        handler: Handler,
        memorySize: v.optional(v.number()),
        timeout: v.optional(v.number()),
        environment: v.optional(Environment, {}),
        events: v.optional(v.array(v.unknown()), []),
      }),
    ),
  ),
  resources: v.pipe(
    Parts,
    v.object({
      Resources: v.record(v.string(), v.unknown()),
      extensions: v.object({
        ApiGatewayRestApi: v.object({ Properties: v.object({ MinimumCompressionSize: v.number() }) }),
      }),
    }),
  ),
});

/** What is used of serverless.yml, its variables resolved. */
export type Service = v.InferOutput<typeof Service>;

/**
 * Reads serverless.yml for a stage as the framework does, with its parts that read and resolve. The whole framework would take
 * a second.
 *
 * @param param as `--param name=value` sets them
 * @throws an error that names the variables which cannot be resolved
 */
export async function readService(stage: string, param: readonly string[]): Promise<Service> {
  const configuration = await readConfiguration('serverless.yml');
  const variablesMeta = resolveMeta(configuration);
  const sources = {
    env,
    file,
    opt,
    self,
    sls: slsOf(),
    param: paramOf({ configurationInput: configuration, processedInput: { options: { param } } }),
  };
  await resolve({
    serviceDir: process.cwd(),
    configuration,
    variablesMeta,
    sources,
    options: { stage },
    fulfilledSources: new Set(Object.keys(sources)),
  });
  const errors = [...variablesMeta.values()].flatMap(({ error }) => error?.message ?? []);
  if (errors.length > 0) throw new Error(`serverless.yml cannot be resolved: ${errors.join('; ')}`);
  return v.parse(Service, configuration);
}
