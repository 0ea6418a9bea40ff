import type { APIGatewayProxyResult } from 'aws-lambda';

/** Part of the API: a name never changes its meaning. */
const PROBLEMS = {
  'invalid-parameter': { status: 400, title: 'A parameter is not valid' },
  'unknown-user': { status: 404, title: 'The user is not known' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed' },
  'unsupported-event': { status: 501, title: 'The request came through a service that is not supported' },
  'corrupt-key': { status: 500, title: 'A stored total is corrupt' },
  'internal-error': { status: 500, title: 'The request could not be answered' },
  'redis-unavailable': { status: 503, title: 'The statistics cannot be read at the moment' },
} as const;

export type ProblemName = keyof typeof PROBLEMS;

/**
 * Problem details (RFC 9457).
 *
 * @param detail what is wrong with this request, and what to do
 */
export function problem(
  name: ProblemName,
  detail: string,
  { headers = {}, ...extra }: { headers?: Record<string, string>; parameter?: string } = {},
): APIGatewayProxyResult {
  const { status, title } = PROBLEMS[name];
  return {
    statusCode: status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({ type: `urn:problem-type:orders:${name}`, title, status, detail, ...extra }),
  };
}
