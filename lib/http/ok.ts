import type { APIGatewayProxyResult } from 'aws-lambda';

/** 200 with a JSON body. */
export const ok = (body: object): APIGatewayProxyResult => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
