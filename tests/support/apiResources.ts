import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parse } from 'yaml';

const GatewayResponse = v.object({
  Type: v.literal('AWS::ApiGateway::GatewayResponse'),
  Properties: v.object({
    ResponseType: v.string(),
    ResponseTemplates: v.strictObject({ 'application/json': v.string() }),
  }),
});

const WithAccess = v.object({ Properties: v.pipe(v.string(), v.startsWith('${file(resources/access/')) });

/** Reads a file of the repository. The tags of CloudFormation, such as !Ref, are unknown to YAML. */
export const readYaml = (file: string): unknown =>
  parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), { logLevel: 'error' });

const { Resources } = v.parse(
  v.object({ Resources: v.record(v.string(), v.unknown()) }),
  readYaml('resources/gateway-responses.yml'),
);
const { extensions } = v.parse(
  v.object({ extensions: v.record(v.string(), v.unknown()) }),
  readYaml('resources/api.yml'),
);

/** The bodies of API Gateway's own responses, by response type. */
export const gatewayResponses: ReadonlyMap<string, string> = new Map(
  Object.values(Resources)
    .filter((resource) => v.is(GatewayResponse, resource))
    .map(({ Properties }) => [Properties.ResponseType, Properties.ResponseTemplates['application/json']]),
);

/** The names of the methods that may need a key or a signature. */
export const methodsWithAccess: readonly string[] = Object.entries(extensions)
  .filter(([, extension]) => v.is(WithAccess, extension))
  .map(([name]) => name);

/** The name that the Serverless Framework gives to the method of a path. */
export function methodName(path: string): string {
  const parts = path.split('/').map((part) => part.replace('-', 'Dash').replace('}', 'Var').replace(/\W|_/g, ''));
  return `ApiGatewayMethod${parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}Any`;
}
