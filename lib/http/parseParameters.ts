import * as v from 'valibot';
import { nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** What a route takes. */
export type Parameters<Values> = {
  /** The path, with the names of its parameters in braces. Left out if it has none. */
  readonly path?: string;
  /** The names of the parameters that a query may have. */
  readonly query: readonly string[];
  /** Of all parameters together, as text. A rule continues the sentence that the name of the parameter begins. */
  readonly schema: v.GenericSchema<unknown, Values>;
};

type Refusal = { readonly parameter: string; readonly detail: string };

/** Reads the values of all parameters. */
export function parseParameters<Values>(
  { query, schema }: Parameters<Values>,
  request: ApiRequest,
): { readonly values: Values } | Problem {
  const given = [...request.query.keys()];
  const refusals = given.filter((name) => !query.includes(name)).map((name) => unknownParameter(name, query));
  // The path last, so that a query cannot override it.
  const parsed = v.safeParse(schema, Object.fromEntries([...query.map(valueIn(request)), ...request.path]));
  refusals.push(...(parsed.issues ?? []).map(refusalOf));
  if (parsed.success && refusals.length === 0) return { values: parsed.output };
  return invalidParameters(refusals);
}

/** A repeated parameter stays an array, which no schema accepts. */
const valueIn =
  (request: ApiRequest) =>
  (name: string): [string, unknown] => {
    const values = request.query.get(name);
    return [name, values?.length === 1 ? values[0] : values];
  };

function unknownParameter(parameter: string, names: readonly string[]): Refusal {
  const known = nearest(parameter, names);
  const advice = known === undefined ? 'which takes none' : `the nearest one is ${known}`;
  return { parameter, detail: `${parameter} is not a parameter of this route, ${advice}` };
}

function refusalOf(issue: v.BaseIssue<unknown>): Refusal {
  const parameter = v.getDotPath(issue) ?? '';
  return { parameter, detail: `${parameter} ${issue.received === 'undefined' ? 'is required' : issue.message}` };
}

/** One error per parameter. */
function invalidParameters(refusals: readonly Refusal[]): Problem {
  const byName = new Map<string, Refusal>();
  for (const refusal of refusals) if (!byName.has(refusal.parameter)) byName.set(refusal.parameter, refusal);
  const errors = [...byName.values()];
  const { parameter = '', detail = '' } = errors[0] ?? {};
  return { problem: 'invalid-parameter', detail, members: { parameter, errors } };
}
