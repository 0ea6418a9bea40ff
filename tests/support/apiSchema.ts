import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import openApi from '../../openapi.json' with { type: 'json' };
import type { JsonSchema, Parameter } from './apiDescription.ts';

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
ajv.addVocabulary(['components']);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const compiled = new Map<JsonSchema, ValidateFunction>();

/** Why a value breaks a schema of openapi.json; empty if it is valid. */
export function violations(schema: JsonSchema, value: unknown): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    // The schema refers to these.
    validate = ajv.compile({ ...schema, components: openApi.components });
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
