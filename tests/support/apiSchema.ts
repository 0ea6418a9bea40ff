import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import openApi from '../../openapi.json' with { type: 'json' };
import type { JsonSchema, Parameter } from './apiDescription.ts';

/** In this version of the code, answers have no other members. The description does not say so: later versions may add some. */
function closed(schema: unknown): unknown {
  const isObject = v.is(v.object({ type: v.literal('object') }), schema);
  return isObject ? { ...schema, additionalProperties: false } : schema;
}

const { schemas } = openApi.components;
const components = { schemas: Object.fromEntries(Object.entries(schemas).map(([name, part]) => [name, closed(part)])) };

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
ajv.addVocabulary(['components']);
ajv.addFormat('uri', true);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const compiled = new Map<JsonSchema, ValidateFunction>();

/** Why a value breaks a schema of openapi.json; empty if it is valid. */
export function violations(schema: JsonSchema, value: unknown): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    // The schema refers to these.
    validate = ajv.compile({ ...schema, components });
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
}

/** Whether a text in a URL is a value that the schema of the parameter allows. */
export function acceptsText({ schema }: Parameter, text: string): boolean {
  const number = Number(text);
  const value = schema.type === 'integer' && String(number) === text ? number : text;
  return violations(schema, value).length === 0;
}
