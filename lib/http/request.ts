import * as v from 'valibot';
import type { GivenParameters } from './parameters.ts';

const Values = v.fallback(v.record(v.string(), v.string()), {});
const MultiValues = v.fallback(v.record(v.string(), v.array(v.string())), {});

/** From an API Gateway REST API, or an HTTP API with payload 1.0. Anything else is read as a GET without parameters. */
const ProxyEvent = v.fallback(
  v.object({
    httpMethod: v.fallback(v.string(), 'GET'),
    pathParameters: Values,
    multiValueQueryStringParameters: MultiValues,
  }),
  { httpMethod: 'GET', pathParameters: {}, multiValueQueryStringParameters: {} },
);

/** From an HTTP API with payload 2.0, or a function URL. */
const ProxyEvent2 = v.object({
  version: v.literal('2.0'),
  requestContext: v.object({ http: v.object({ method: v.string() }) }),
  rawQueryString: v.fallback(v.string(), ''),
  pathParameters: Values,
});

/** From an Application Load Balancer. */
const LoadBalancerEvent = v.object({ requestContext: v.object({ elb: v.unknown() }) });

export type ApiRequest = { readonly method: string; readonly parameters: GivenParameters };

/** Reads the event of a proxy integration. Never throws. @returns undefined for the event of a load balancer */
export function readRequest(event: unknown): ApiRequest | undefined {
  // It has no path parameters, and its setup decides in which form it takes headers. We refuse it rather than half-support it.
  if (v.is(LoadBalancerEvent, event)) return undefined;
  const { method, query, path } = partsOf(event);
  const parameters: Record<string, string | readonly string[]> = {};
  for (const [name, values] of Object.entries(query)) {
    const [value = ''] = values;
    parameters[name] = values.length === 1 ? value : values;
  }
  // Last, so that a query cannot override the path.
  for (const [name, value] of Object.entries(path)) parameters[name] = decode(value);
  return { method, parameters };
}

type Parts = {
  readonly method: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly path: Readonly<Record<string, string>>;
};

function partsOf(event: unknown): Parts {
  if (v.is(ProxyEvent2, event)) {
    const { requestContext, rawQueryString, pathParameters } = v.parse(ProxyEvent2, event);
    // queryStringParameters would join repeated values with commas.
    const query = new URLSearchParams(rawQueryString);
    return {
      method: requestContext.http.method,
      query: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])),
      path: pathParameters,
    };
  }
  const { httpMethod, pathParameters, multiValueQueryStringParameters } = v.parse(ProxyEvent, event);
  return { method: httpMethod, query: multiValueQueryStringParameters, path: pathParameters };
}

/** API Gateway does not decode path parameters. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
