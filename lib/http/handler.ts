import type { Context } from 'aws-lambda';
import { httpConfig } from '../config.ts';
import { logger } from '../observability.ts';
import { type Answer, revalidated } from './answer.ts';
import { failure } from './failure.ts';
import { type Parameters, parseParameters } from './parseParameters.ts';
import { type Problem, problemAnswer } from './problem.ts';
import { type ApiRequest, requestReader } from './request.ts';

/** Answers a request with valid parameters. May throw RedisUnavailableError or CorruptKeyError. */
export type Route<Values> = (values: Values) => Promise<Answer | Problem>;

const METHODS = 'GET, HEAD, OPTIONS';

/** In every response, in the order of https://owasp.org/www-project-secure-headers/. */
const HEADERS = {
  'Strict-Transport-Security': 'max-age=63072000',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/**
 * Makes a route a Lambda handler. It checks method and parameters, turns errors into problem details, and adds the common
 * headers, among them the request id of the logs. The handler never throws, whatever the event.
 */
export function httpHandler<Values>(
  parameters: Parameters<Values>,
  route: Route<Values>,
): (event: unknown, context: Context) => Promise<Answer> {
  const cors = {
    'Access-Control-Allow-Origin': httpConfig(process.env).corsOrigin,
    'Access-Control-Expose-Headers': 'ETag, Retry-After, X-Request-Id',
  };
  const readRequest = requestReader(parameters.path ?? '');
  return async (event, context) => {
    logger.addContext(context);
    const request = readRequest(event);
    const found = await answer(request, parameters, route);
    const complete = 'problem' in found ? problemAnswer(found, context.awsRequestId) : found;
    const { headers, ...response } = revalidated(complete, request?.ifNoneMatch);
    return {
      ...response,
      body: request?.method === 'HEAD' ? '' : response.body,
      headers: { ...HEADERS, ...cors, ...headers, 'X-Request-Id': context.awsRequestId },
    };
  };
}

async function answer<Values>(
  request: ApiRequest | undefined,
  parameters: Parameters<Values>,
  route: Route<Values>,
): Promise<Answer | Problem> {
  if (!request) {
    const detail = 'Use API Gateway or a function URL; load balancers are not supported.';
    return { problem: 'unsupported-event', detail };
  }
  const { method } = request;
  if (method === 'OPTIONS') return preflight;
  if (method !== 'GET' && method !== 'HEAD') {
    return { problem: 'method-not-allowed', detail: `Use one of ${METHODS}.`, headers: { Allow: METHODS } };
  }
  const parsed = parseParameters(parameters, request);
  if ('problem' in parsed) return parsed;
  try {
    return await route(parsed.values);
  } catch (error) {
    return failure(error);
  }
}

/** Once deployed, API Gateway answers preflights itself, because they carry no credentials. */
const preflight: Answer = {
  statusCode: 204,
  headers: { Allow: METHODS, 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': '*' },
  body: '',
};
