import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import openApi from '../../openapi.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { operations } from '../support/apiDescription.ts';
import { apiFunctions } from '../support/apiFunctions.ts';
import { gatewayResponses, methodName, methodsWithAccess } from '../support/apiResources.ts';
import { acceptsText, violations } from '../support/apiSchema.ts';

const REQUEST_ID = '8f5a1b1e-0000-4000-8000-000000000000';

it('is a valid OpenAPI 3.1 document', async () => {
  expect(await new Validator().validate(structuredClone(openApi))).toEqual({ valid: true });
  expect(openApi.openapi).toBe('3.1.0');
});

it('has a version of its own, and the examples of /health that of package.json', () => {
  const { version } = packageJson;
  const { example } = openApi.paths['/health'].get.responses['200'].content['application/json'];
  expect(example.version).toBe(version);
  const { UnavailableHealth } = openApi.components.responses;
  expect(UnavailableHealth.content['application/problem+json'].example.version).toBe(version);
  expect(readFileSync('docs/api.md', 'utf8')).toContain(`version ${openApi.info.version} of the API`);
  expect(readFileSync('docs/api.md', 'utf8')).toContain(`"version":"${version}"`);
});

it('describes exactly the routes of serverless.yml, named after their functions', () => {
  const described = operations.map(({ path, operationId }) => `${path} ${operationId}`);
  const deployed = apiFunctions.map(({ path, name }) => `/${path.replace(/^\//, '')} ${name}`);
  expect(described.sort()).toEqual(deployed.sort());
});

it('describes access exactly for the routes of resources/api.yml', () => {
  const described = operations.filter(({ security }) => security.length > 0).map(({ path }) => methodName(path));
  expect(described).not.toEqual([]);
  expect(described.sort()).toEqual([...methodsWithAccess].sort());
});

it('describes access as optional, by any of the schemes', () => {
  const schemes = Object.keys(openApi.components.securitySchemes).map((name) => ({ [name]: [] }));
  for (const { security } of operations) expect([[], [{}, ...schemes]]).toContainEqual(security);
});

it('describes each operation, and uses each component', () => {
  for (const { get } of Object.values(openApi.paths)) expect(get).toHaveProperty('description');
  const text = JSON.stringify(openApi);
  const { securitySchemes, ...referred } = openApi.components;
  for (const [kind, components] of Object.entries(referred)) {
    for (const name of Object.keys(components)) expect(text).toContain(`"$ref":"#/components/${kind}/${name}"`);
  }
});

it('describes each path parameter', () => {
  for (const { path, parameters } of operations) {
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
  }
});

it('requires every field of an answer except some of a problem and those of a range, which come together', () => {
  const { Problem, UserStats, GlobalStats, ...schemas } = openApi.components.schemas;
  for (const schema of Object.values(schemas)) {
    if ('properties' in schema) expect(schema.required).toEqual(Object.keys(schema.properties));
  }
  expect(Problem.required).toEqual(['type', 'title', 'detail', 'instance']);
  for (const { properties, required, dependentRequired } of [UserStats, GlobalStats]) {
    const ofRange = Object.keys(properties).filter((name) => !required.includes(name));
    const others = ofRange.map((name) => [name, ofRange.filter((other) => other !== name)]);
    expect(dependentRequired).toEqual(Object.fromEntries(others));
  }
});

it('has nothing beside a $ref, which many tools would ignore', () => {
  const check = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('$ref' in part) expect(Object.keys(part)).toEqual(['$ref']);
    Object.values(part).forEach(check);
  };
  check(openApi);
});

it('has valid examples', () => {
  for (const { parameters, responses } of operations) {
    for (const parameter of parameters) expect(acceptsText(parameter, parameter.example)).toBe(true);
    for (const { content } of Object.values(responses)) {
      for (const { schema, example, examples } of Object.values(content)) {
        const values = Object.values(examples).map(({ value }) => value);
        for (const value of example === undefined ? values : [example]) expect(violations(schema, value)).toEqual([]);
      }
    }
  }
});

it('describes the answers of API Gateway', () => {
  expect(gatewayResponses.size).toBe(3);
  for (const [reason, template] of gatewayResponses) {
    const answer = JSON.parse(
      template.replace('$context.error.messageString', '"Too Many Requests"').replace('$context.requestId', REQUEST_ID),
    );
    const status = reason === 'DEFAULT_5XX' ? '5XX' : '4XX';
    for (const { responses } of operations) {
      const schema = responses[status]?.content['application/problem+json']?.schema ?? {};
      expect(violations(schema, answer)).toEqual([]);
    }
  }
});
