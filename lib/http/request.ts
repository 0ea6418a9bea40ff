import * as v from 'valibot';

/** Of an Application Load Balancer. */
const LoadBalancerEvent = v.object({ requestContext: v.object({ elb: v.unknown() }) });

const Members = v.fallback(
  v.custom<object>((value) => typeof value === 'object' && value !== null),
  {},
);
const OptionalText = v.fallback(v.optional(v.string()), undefined);

/**
 * Of a REST API, of an HTTP API with payload 1.0 or 2.0, or of a function URL. Each has some of these members; an event
 * without any is a GET without parameters.
 */
const ProxyEvent = v.pipe(
  Members,
  v.object({
    version: OptionalText,
    httpMethod: OptionalText,
    path: OptionalText,
    rawPath: OptionalText,
    pathParameters: Members,
    queryStringParameters: Members,
    multiValueQueryStringParameters: Members,
    rawQueryString: OptionalText,
    headers: Members,
    requestContext: v.fallback(
      v.object({ domainName: OptionalText, http: v.fallback(v.object({ method: OptionalText }), {}) }),
      { http: {} },
    ),
  }),
);

type ProxyEvent = v.InferOutput<typeof ProxyEvent>;

type Texts = readonly string[];

export type ApiRequest = {
  readonly method: string;
  /** Decoded values by name. */
  readonly path: ReadonlyMap<string, string>;
  /** All decoded values of each parameter, by name. */
  readonly query: ReadonlyMap<string, Texts>;
  readonly ifNoneMatch: string | undefined;
};

/**
 * Reads the event of a proxy integration. Never throws.
 *
 * @param template of the path, for example `/users/{user_id}/stats`
 * @returns undefined for the event of a load balancer
 */
export function readRequest(event: unknown, template = ''): ApiRequest | undefined {
  // Its setup decides in which form it sends headers and queries. We refuse it rather than half-support it.
  if (v.is(LoadBalancerEvent, event)) return undefined;
  const parsed = v.parse(ProxyEvent, event);
  const header = Object.entries(parsed.headers).find(([name]) => name.toLowerCase() === 'if-none-match');
  return {
    method: parsed.requestContext.http.method ?? parsed.httpMethod ?? 'GET',
    path: pathOf(parsed, template),
    query: queryOf(parsed),
    ifNoneMatch: header && `${header[1]}`,
  };
}

function queryOf({
  rawQueryString,
  queryStringParameters,
  multiValueQueryStringParameters,
}: ProxyEvent): Map<string, Texts> {
  // First, because in payload 2.0 queryStringParameters joins repeated values with commas.
  if (rawQueryString) {
    const raw = new URLSearchParams(rawQueryString);
    return new Map([...raw.keys()].map((name) => [name, raw.getAll(name)]));
  }
  // The second repeats what is in the first, with all values.
  const all = [...Object.entries(queryStringParameters), ...Object.entries(multiValueQueryStringParameters)];
  return new Map(all.map(([name, values]) => [name, [values].flat().map(String)]));
}

function pathOf(event: ProxyEvent, template: string): Map<string, string> {
  const pattern = template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  // The path may begin with the stage. Function URLs have no path parameters.
  const { groups = {} } = new RegExp(`${pattern}/?$`).exec(event.rawPath ?? event.path ?? '') ?? {};
  const given = Object.entries({ ...groups, ...event.pathParameters });
  const decoded = given.map(([name, value]) => [name, isDecoded(event) ? `${value}` : decode(`${value}`)] as const);
  return new Map(decoded.filter(([name]) => template.includes(`{${name}}`)));
}

/** HTTP APIs decode paths; REST APIs and function URLs do not. What is decoded twice would be another id. */
const isDecoded = ({ version, requestContext: { domainName = '' } }: ProxyEvent): boolean =>
  version !== undefined && !domainName.includes('.lambda-url.');

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
