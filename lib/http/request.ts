import * as v from 'valibot';
import type { GivenParameters } from './parameters.ts';

const Values = v.fallback(v.record(v.string(), v.string()), {});
const MultiValues = v.fallback(v.record(v.string(), v.array(v.string())), {});

/** What the API needs of the event of an API Gateway REST API; anything else is the request without parameters. */
const ProxyEvent = v.fallback(
  v.object({
    httpMethod: v.fallback(v.string(), 'GET'),
    pathParameters: Values,
    multiValueQueryStringParameters: MultiValues,
  }),
  { httpMethod: 'GET', pathParameters: {}, multiValueQueryStringParameters: {} },
);

/** The method and the parameters of a request. */
export type ApiRequest = { readonly method: string; readonly parameters: GivenParameters };

/** Reads the event of a proxy integration; never fails. */
export function readRequest(event: unknown): ApiRequest {
  const { httpMethod, pathParameters, multiValueQueryStringParameters } = v.parse(ProxyEvent, event);
  const parameters: Record<string, string | readonly string[]> = {};
  for (const [name, values] of Object.entries(multiValueQueryStringParameters)) {
    const [value = ''] = values;
    parameters[name] = values.length === 1 ? value : values;
  }
  // Last: a query cannot change what the path says.
  for (const [name, value] of Object.entries(pathParameters)) parameters[name] = decode(value);
  return { method: httpMethod, parameters };
}

/** API Gateway hands over path parameters as they stand in the URL. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
