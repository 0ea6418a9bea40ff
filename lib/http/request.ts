type Texts = readonly string[];

export type ApiRequest = {
  readonly method: string;
  /** Decoded values by name. */
  readonly path: ReadonlyMap<string, string>;
  /** All decoded values of each parameter, by name. */
  readonly query: ReadonlyMap<string, Texts>;
  readonly ifNoneMatch: string | undefined;
};

type Members = Readonly<Record<string, unknown>>;

/**
 * Makes a function that reads events of a REST API, of an HTTP API with payload 1.0 or 2.0, and of a function URL. What an
 * event does not have is left out: without any of it, it is a GET without parameters. Never throws.
 *
 * @param template of the path, for example `/users/{user_id}/stats`
 * @returns undefined for the event of a load balancer
 */
export function requestReader(template: string): (event: unknown) => ApiRequest | undefined {
  const pathOf = pathReader(template);
  return (input) => {
    const event = membersOf(input);
    const context = membersOf(event.requestContext);
    // Its setup decides in which form it sends headers and queries. We refuse it rather than half-support it.
    if ('elb' in context) return undefined;
    const header = Object.entries(membersOf(event.headers)).find(([name]) => name.toLowerCase() === 'if-none-match');
    return {
      method: textOf(membersOf(context.http).method) ?? textOf(event.httpMethod) ?? 'GET',
      path: pathOf(event, context),
      query: queryOf(event),
      ifNoneMatch: header && `${header[1]}`,
    };
  };
}

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const membersOf = (value: unknown): Members => (isObject(value) ? value : {});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function queryOf({ rawQueryString, queryStringParameters, multiValueQueryStringParameters }: Members) {
  const query = new Map<string, Texts>();
  const raw = textOf(rawQueryString);
  if (raw) {
    // First, because in payload 2.0 queryStringParameters joins repeated values with commas.
    const parameters = new URLSearchParams(raw);
    for (const name of parameters.keys()) query.set(name, parameters.getAll(name));
    return query;
  }
  // The second repeats what is in the first, with all values.
  for (const parameters of [queryStringParameters, multiValueQueryStringParameters]) {
    for (const [name, values] of Object.entries(membersOf(parameters))) query.set(name, [values].flat().map(String));
  }
  return query;
}

function pathReader(template: string) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  // The path may begin with the stage.
  const pattern = new RegExp(`${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`);
  return (event: Members, context: Members): Map<string, string> => {
    const path = new Map<string, string>();
    for (const name of names) {
      // Function URLs have no path parameters.
      const inPath = () => pattern.exec(textOf(event.rawPath) ?? textOf(event.path) ?? '')?.groups?.[name];
      const value = textOf(membersOf(event.pathParameters)[name]) ?? inPath();
      if (value !== undefined) path.set(name, isDecoded(event, context) ? value : decode(value));
    }
    return path;
  };
}

/** HTTP APIs decode paths; REST APIs and function URLs do not. What is decoded twice would be another id. */
const isDecoded = ({ version }: Members, { domainName }: Members): boolean =>
  version !== undefined && !textOf(domainName)?.includes('.lambda-url.');

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
