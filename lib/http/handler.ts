import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import * as v from 'valibot';
import { httpConfig } from '../config.ts';
import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import { CorruptKeyError, RedisUnavailableError, troubleOf } from '../redis/errors.ts';
import { problem } from './problem.ts';
import { type ApiRequest, readRequest } from './request.ts';

/** Answers a request with valid parameters. May throw {@link RedisUnavailableError} or {@link CorruptKeyError}. */
export type Route<Parameters> = (parameters: Parameters) => Promise<APIGatewayProxyResult>;

type ParametersSchema = v.GenericSchema<unknown, unknown>;

const METHODS = 'GET, HEAD, OPTIONS';

/** In every response, in the order of https://owasp.org/www-project-secure-headers/. */
const HEADERS = {
  'Strict-Transport-Security': 'max-age=63072000',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** 200 with a JSON body. */
export const ok = (body: object): APIGatewayProxyResult => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

/**
 * Makes a route a Lambda handler. It checks method and parameters, turns errors into problem details, and adds the common
 * headers, among them the request id of the logs. The handler never throws, whatever the event.
 *
 * @param schema of the path and query parameters together
 */
export function httpHandler<Schema extends ParametersSchema>(
  schema: Schema,
  route: Route<v.InferOutput<Schema>>,
): (event: unknown, context: Context) => Promise<APIGatewayProxyResult> {
  const cors = {
    'Access-Control-Allow-Origin': httpConfig(process.env).corsOrigin,
    'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After',
  };
  return async (event, context) => {
    logger.addContext(context);
    const request = readRequest(event);
    const { headers, ...response } = await answer(request, schema, route);
    return {
      ...response,
      body: request?.method === 'HEAD' ? '' : response.body,
      headers: { ...HEADERS, ...cors, ...headers, 'X-Request-Id': context.awsRequestId },
    };
  };
}

async function answer<Schema extends ParametersSchema>(
  request: ApiRequest | undefined,
  schema: Schema,
  route: Route<v.InferOutput<Schema>>,
): Promise<APIGatewayProxyResult> {
  if (!request) {
    return problem('unsupported-event', 'Use API Gateway or a function URL; load balancers are not supported.');
  }
  const { method, parameters } = request;
  if (method === 'OPTIONS') return preflight;
  if (method !== 'GET' && method !== 'HEAD') {
    return problem('method-not-allowed', `Use one of ${METHODS}.`, { headers: { Allow: METHODS } });
  }
  const parsed = v.safeParse(schema, parameters);
  if (!parsed.success) return invalidParameter(parsed.issues[0]);
  try {
    return await route(parsed.output);
  } catch (error) {
    return failure(error);
  }
}

/** Once deployed, API Gateway answers preflights itself, because they carry no credentials. */
const preflight: APIGatewayProxyResult = {
  statusCode: 204,
  headers: { Allow: METHODS, 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': '*' },
  body: '',
};

function invalidParameter(issue: v.BaseIssue<unknown>): APIGatewayProxyResult {
  const parameter = v.getDotPath(issue) ?? '';
  const rule = issue.received === 'undefined' ? 'is required' : issue.message;
  return problem('invalid-parameter', `${parameter} ${rule}`, { parameter });
}

function failure(error: unknown): APIGatewayProxyResult {
  logger.error(errorText(error), { error });
  if (error instanceof RedisUnavailableError) {
    const isTemporary = troubleOf(error) === 'temporary';
    const detail = isTemporary
      ? 'Try again in a few seconds.'
      : 'An operator has to change a setting; the logs say which.';
    return problem('redis-unavailable', detail, { headers: { 'Retry-After': '5' } });
  }
  if (error instanceof CorruptKeyError) {
    return problem('corrupt-key', 'An operator has to repair a stored value; the logs of this request name the key.');
  }
  return problem('internal-error', 'The logs of this request show the reason.');
}
