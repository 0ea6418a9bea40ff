import * as v from 'valibot';
import openApi from '../../openapi.json' with { type: 'json' };

/** Follows a `$ref` of the description; anything else stands for itself. */
function resolve(part: unknown): unknown {
  if (!v.is(v.object({ $ref: v.string() }), part)) return part;
  return part.$ref
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((parent, name) => v.parse(v.record(v.string(), v.unknown()), parent)[name], openApi);
}

const resolved = <Part extends v.GenericSchema>(part: Part) => v.pipe(v.unknown(), v.transform(resolve), part);

const JsonSchema = v.record(v.string(), v.unknown());

const Parameter = v.object({
  name: v.string(),
  in: v.picklist(['path', 'query']),
  schema: JsonSchema,
  example: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
});

const Content = v.object({
  schema: JsonSchema,
  example: v.optional(v.unknown()),
  examples: v.optional(v.record(v.string(), v.object({ value: v.unknown() })), {}),
});

const Response = v.object({
  headers: v.optional(v.record(v.string(), resolved(v.object({ schema: JsonSchema }))), {}),
  content: v.optional(v.record(v.string(), Content), {}),
});

const Operation = v.object({
  operationId: v.string(),
  security: v.array(v.record(v.string(), v.array(v.string()))),
  parameters: v.optional(v.array(resolved(Parameter)), []),
  responses: v.record(v.string(), resolved(Response)),
});

/** A JSON Schema, which may refer to others of openapi.json. */
export type JsonSchema = v.InferOutput<typeof JsonSchema>;

/** What openapi.json says of a parameter, with an example as it stands in a URL. */
export type Parameter = v.InferOutput<typeof Parameter>;

/** What openapi.json says of an answer. */
export type Response = v.InferOutput<typeof Response>;

/** What openapi.json says of the GET of a path. */
export type Operation = v.InferOutput<typeof Operation> & { readonly path: string };

const { paths } = v.parse(v.object({ paths: v.record(v.string(), v.strictObject({ get: Operation })) }), openApi);

/** Every operation of openapi.json. */
export const operations: readonly Operation[] = Object.entries(paths).map(([path, { get }]) => ({ path, ...get }));

/** The answers of an operation that are its function's: those of API Gateway itself are described by class, as 4XX. */
export const responsesOfFunction = ({ responses }: Operation): [status: string, response: Response][] =>
  Object.entries(responses).filter(([status]) => !status.endsWith('XX'));
