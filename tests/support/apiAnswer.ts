import { expect } from 'vitest';
import type { Answer } from '../../lib/http/answer.ts';
import openApi from '../../openapi.json' with { type: 'json' };
import { type JsonSchema, type Operation, type Response, responsesOfFunction } from './apiDescription.ts';
import { violations } from './apiSchema.ts';

/** A shape that the body of an answer may have, with its status and media type. */
type Shape = {
  readonly name: string;
  readonly status: string;
  readonly response: Response;
  readonly mediaType: string;
  readonly schema: JsonSchema;
};

function shapesOf(operation: Operation): Shape[] {
  return responsesOfFunction(operation).flatMap(([status, response]) =>
    Object.entries(response.content).map(([mediaType, { schema }]) => ({
      name: `${status} ${mediaType}`,
      status,
      response,
      mediaType,
      schema,
    })),
  );
}

/** The names of all shapes that answers of a function may have. */
export const shapeNames = (operation: Operation): string[] => shapesOf(operation).map(({ name }) => name);

/**
 * Expects an answer to match the description of the API: status, headers, content type and body.
 *
 * @returns the name of its shape
 */
export function expectDescribed(operation: Operation, { statusCode, headers, body }: Answer): string {
  const mediaType = `${headers['Content-Type']}`.replace(/; charset=utf-8$/, '');
  const content: unknown = mediaType.endsWith('json') ? JSON.parse(body) : body;
  const reasons: string[] = [];
  for (const shape of shapesOf(operation)) {
    if (shape.status !== `${statusCode}` || shape.mediaType !== mediaType) continue;
    const found = violations(shape.schema, content);
    reasons.push(...found);
    if (found.length > 0) continue;
    expectHeaders(shape.response, headers);
    return shape.name;
  }
  throw new Error(`Not described: ${statusCode} ${mediaType} ${body}; ${reasons.join('; ')}`);
}

/** The headers of every answer. The API's description lists them once. */
const [, everywhere = ''] = /\*\*Headers\.\*\* (.*)/.exec(openApi.info.description) ?? [];
export const HEADERS_OF_ALL = [...everywhere.matchAll(/`([\w-]+)/g)].flatMap(([, name]) => name ?? []);

function expectHeaders(response: Response, headers: Readonly<Record<string, unknown>>): void {
  const described = new Set(['Content-Type', ...HEADERS_OF_ALL, ...Object.keys(response.headers)]);
  expect(Object.keys(headers).sort()).toEqual([...described].sort());
  for (const [name, { schema }] of Object.entries(response.headers)) {
    const value = schema.type === 'integer' ? Number(headers[name]) : headers[name];
    expect(violations(schema, value), name).toEqual([]);
  }
}
