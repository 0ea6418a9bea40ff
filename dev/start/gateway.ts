import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { errorText } from '../../lib/errorText.ts';
import type { Invoke } from './eventSource.ts';
import { TimeoutError } from './localFunction.ts';
import type { Cors, GatewayResponse } from './service.ts';

/** A path of the API, such as `/users/{user_id}/stats`, and its function. */
export type Route = {
  readonly method: string;
  readonly path: string;
  /** If preflights are not for the function. */
  readonly cors?: Cors | undefined;
  readonly local: { readonly invoke: Invoke };
};

export type Settings = {
  readonly stage: string;
  readonly responses: readonly GatewayResponse[];
  /** Bytes from which answers are compressed. */
  readonly minimumCompressionSize: number;
};

/** What is used of a function's answer. */
const Answer = v.object({
  statusCode: v.number(),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  multiValueHeaders: v.optional(v.record(v.string(), v.array(v.string())), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

/** An error that API Gateway answers itself. */
type GatewayError = { readonly type: string; readonly status: number; readonly message: string };

const UNKNOWN_ROUTE = { type: 'MISSING_AUTHENTICATION_TOKEN', status: 403, message: '' };
const INVALID_PATH = { type: 'DEFAULT_4XX', status: 400, message: 'The path has invalid percent-encoding' };
const TOO_LARGE = { type: 'DEFAULT_4XX', status: 413, message: 'Request Too Long' };
const FAILED = { type: 'DEFAULT_5XX', status: 502, message: 'Internal server error' };
const TIMED_OUT = { type: 'DEFAULT_5XX', status: 504, message: 'Endpoint request timed out' };

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * An HTTP server that invokes functions as a REST API with Lambda proxy integration does. Requests that reach no function get
 * the gateway responses of serverless.yml. The root redirects to the page.
 */
export function createGateway(routes: readonly Route[], settings: Settings): Server {
  const { stage, responses, minimumCompressionSize } = settings;
  return createServer(async (request, response) => {
    const refuse = (error: GatewayError) => answerError(response, responses, error);
    const url = urlOf(request);
    if (!url) return refuse(INVALID_PATH);
    const path = url.pathname.replace(/(.)\/$/, '$1');
    if (path === '/') return response.writeHead(302, { location: '/dashboard' }).end();
    const found = find(routes, request.method ?? '', path);
    if (!found) return refuse(UNKNOWN_ROUTE);
    const { route, parameters } = found;
    if (route.cors && request.method === 'OPTIONS') return response.writeHead(200, preflightHeaders(route.cors)).end();
    try {
      const body = await readBody(request);
      if (body === undefined) return refuse(TOO_LARGE);
      const event = eventOf(request, { stage, url, route, parameters, body });
      const answer = v.parse(Answer, await route.local.invoke(event));
      const isCompressed = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(`${request.headers['accept-encoding']}`);
      send(response, answer, isCompressed ? minimumCompressionSize : Number.POSITIVE_INFINITY);
    } catch (error) {
      console.error(`${request.method} ${route.path} failed: ${errorText(error)}`);
      refuse(error instanceof TimeoutError ? TIMED_OUT : FAILED);
    }
  });
}

/** @returns undefined if the path is invalid */
function urlOf(request: IncomingMessage): URL | undefined {
  if (!request.url?.startsWith('/')) return undefined;
  try {
    const url = new URL(`http://localhost${request.url}`);
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
}

type Parameters = Readonly<Record<string, string>>;

function find(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parameters: Parameters } | undefined {
  const segments = path.split('/');
  for (const route of routes) {
    if (route.method !== 'any' && route.method !== method.toLowerCase()) continue;
    const parameters = parametersOf(route.path.split('/'), segments);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Path parameters, not decoded; undefined if the path is another one. */
function parametersOf(pattern: readonly string[], segments: readonly string[]): Parameters | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    const [, name] = /^\{(.+)\}$/.exec(part) ?? [];
    if (name !== undefined && segment !== '') parameters[name] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}

/** @returns undefined if it is larger than API Gateway allows */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString();
}

type Parts = {
  readonly stage: string;
  readonly url: URL;
  readonly route: Route;
  readonly parameters: Parameters;
  readonly body: string;
};

function eventOf(request: IncomingMessage, { stage, url, route, parameters, body }: Parts): object {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  const query = new Map([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]));
  return {
    resource: route.path,
    path: url.pathname,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: orNull(Object.fromEntries(headers)),
    queryStringParameters: lastOfEach(query),
    multiValueQueryStringParameters: orNull(Object.fromEntries(query)),
    pathParameters: orNull(parameters),
    stageVariables: null,
    requestContext: {
      httpMethod: request.method,
      path: url.pathname,
      protocol: `HTTP/${request.httpVersion}`,
      requestId: randomUUID(),
      requestTimeEpoch: Date.now(),
      resourcePath: route.path,
      stage,
      identity: { sourceIp: request.socket.remoteAddress, userAgent: request.headers['user-agent'] },
    },
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
}

const lastOfEach = (values: ReadonlyMap<string, readonly string[]>): object | null =>
  orNull(Object.fromEntries(Array.from(values, ([name, all]) => [name, all.at(-1)])));

/** API Gateway sends null instead of no entries. */
const orNull = (object: object): object | null => (Object.keys(object).length > 0 ? object : null);

/** Answers of the mock integration that the framework adds for `cors`. */
export const preflightHeaders = ({ origin, headers, maxAge }: Cors) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Headers': headers.join(','),
  'Access-Control-Allow-Methods': 'OPTIONS,DELETE,GET,HEAD,PATCH,POST,PUT',
  'Access-Control-Max-Age': `${maxAge}`,
});

/** @param compressFrom size in bytes */
function send(response: ServerResponse, answer: v.InferOutput<typeof Answer>, compressFrom: number): void {
  const headers = new Headers({ 'content-type': 'application/json' });
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, `${value}`);
  for (const [name, values] of Object.entries(answer.multiValueHeaders)) {
    headers.delete(name);
    for (const value of values) headers.append(name, value);
  }
  const body = answer.isBase64Encoded ? Buffer.from(answer.body, 'base64') : Buffer.from(endLine(answer.body));
  response.statusCode = answer.statusCode;
  const isCompressed = body.length >= compressFrom;
  if (isCompressed) headers.set('content-encoding', 'gzip');
  response.setHeaders(headers).end(isCompressed ? gzipSync(body) : body);
}

function answerError(
  response: ServerResponse,
  responses: readonly GatewayResponse[],
  { type, status, message }: GatewayError,
): void {
  const own = responses.find((other) => other.type === type);
  if (!own) throw new Error(`serverless.yml has no gateway response ${type}`);
  const body = own.body
    .replace('$context.error.messageString', () => JSON.stringify(message))
    .replace('$context.requestId', () => randomUUID());
  response.statusCode = own.status ?? status;
  response.setHeaders(new Headers(own.headers)).end(endLine(body));
}

/** Ends JSON with a newline, which terminals need and parsers ignore. */
const endLine = (body: string): string => (body.endsWith('}') ? `${body}\n` : body);
