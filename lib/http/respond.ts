import type { APIGatewayProxyResult } from 'aws-lambda';

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Strict-Transport-Security': 'max-age=63072000',
  'Access-Control-Allow-Origin': '*',
};

/** 200 with a JSON body. */
export const ok = (body: object): APIGatewayProxyResult => ({
  statusCode: 200,
  headers: { ...HEADERS, 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

/**
 * An error as problem details (RFC 9457).
 *
 * @param title the kind of problem, the same for every occurrence of the status
 * @param detail what was wrong with this request, and what to do
 */
export const problem = (
  status: number,
  title: string,
  detail: string,
  headers: Record<string, string> = {},
): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { ...HEADERS, ...headers, 'Content-Type': 'application/problem+json' },
  body: JSON.stringify({ type: 'about:blank', status, title, detail }),
});
