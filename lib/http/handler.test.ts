import { afterEach, expect, it, vi } from 'vitest';
import { captureOutput } from '../../tests/support/captureOutput.ts';
import { lambdaContext } from '../../tests/support/lambdaContext.ts';
import { etagOf, ok, okJson } from './answer.ts';
import { httpHandler } from './handler.ts';
import { NoParameters } from './parameters.ts';

const greet = () => httpHandler(NoParameters, async () => ok({ greeting: 'hello' }));

const ask = (httpMethod: string, handler = greet(), headers = {}) => handler({ httpMethod, headers }, lambdaContext);

const COMMON = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'ETag, Retry-After, X-Request-Id',
  'X-Request-Id': lambdaContext.awsRequestId,
};

afterEach(() => {
  vi.unstubAllEnvs();
});

it('GET is answered with the response of the route and the common headers', async () => {
  const response = await ask('GET');
  expect(response).toEqual({
    statusCode: 200,
    headers: {
      ...COMMON,
      'Cache-Control': 'private, no-cache',
      'Content-Type': 'application/json',
      ETag: etagOf('{"greeting":"hello"}'),
    },
    body: '{"greeting":"hello"}',
  });
});

it('a caller who has the answer already gets 304 with the same headers, and no body', async () => {
  const { headers } = await ask('GET');
  const etag = headers.ETag ?? '';
  for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, `"a,b",W/${etag}`, '*', ' * ']) {
    for (const name of ['If-None-Match', 'if-none-match']) {
      for (const method of ['GET', 'HEAD']) {
        expect(await ask(method, greet(), { [name]: ifNoneMatch })).toEqual({ statusCode: 304, headers, body: '' });
      }
    }
  }
});

it('a caller who has another answer gets the whole one', async () => {
  const { headers } = await ask('GET');
  for (const ifNoneMatch of ['', '"other"', headers.ETag?.slice(1, -1) ?? '', '"', 'W/"*"']) {
    expect((await ask('GET', greet(), { 'If-None-Match': ifNoneMatch })).statusCode).toBe(200);
  }
});

it('a route may say which part of its answer decides whether it is a new one', async () => {
  let age = 0;
  const handler = httpHandler(NoParameters, async () => okJson(`{"age":${age++}}`, etagOf('hello')));
  const { headers } = await ask('GET', handler);
  expect(headers.ETag).toBe(etagOf('hello'));
  expect((await ask('GET', handler, { 'If-None-Match': etagOf('hello') })).statusCode).toBe(304);
});

it('only a 200 has an ETag', async () => {
  expect((await ask('DELETE', greet(), { 'If-None-Match': '*' })).statusCode).toBe(405);
  expect((await ask('OPTIONS', greet(), { 'If-None-Match': '*' })).headers).not.toHaveProperty('ETag');
});

it('HEAD is answered like GET, without the body', async () => {
  expect(await ask('HEAD')).toEqual({ ...(await ask('GET')), body: '' });
});

it('OPTIONS is answered with the allowed methods, for the preflights of browsers', async () => {
  const response = await ask('OPTIONS');
  expect(response).toMatchObject({ statusCode: 204, body: '' });
  expect(response.headers).toEqual({
    ...COMMON,
    Allow: 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': '*',
  });
});

it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])(
  'a function of the API answers %s with 405 and the methods that there are',
  async (method) => {
    const response = await ask(method);
    expect(response.statusCode).toBe(405);
    expect(response.headers).toMatchObject({ ...COMMON, Allow: 'GET, HEAD, OPTIONS' });
    expect(JSON.parse(response.body)).toEqual({
      type: 'urn:problem-type:orders:method-not-allowed',
      title: 'The method is not allowed',
      status: 405,
      instance: 'urn:uuid:8f5a1b1e-0000-4000-8000-000000000000',
      detail: 'Use one of GET, HEAD, OPTIONS.',
    });
  },
);

it('pages of the configured origin may read responses', async () => {
  vi.stubEnv('CORS_ORIGIN', 'https://shop.example');
  const response = await ask('GET', greet());
  expect(response.headers).toMatchObject({ 'Access-Control-Allow-Origin': 'https://shop.example' });
});

it('an unexpected error is answered with 500, without details', async () => {
  const output = captureOutput();
  const failing = httpHandler(NoParameters, async () => {
    throw new Error('a secret');
  });
  const response = await ask('GET', failing).finally(output.restore);
  expect(response.statusCode).toBe(500);
  expect(response.headers).toMatchObject({ ...COMMON, 'Content-Type': 'application/problem+json' });
  expect(JSON.parse(response.body)).toEqual({
    type: 'urn:problem-type:orders:internal-error',
    title: 'The request could not be answered',
    status: 500,
    instance: 'urn:uuid:8f5a1b1e-0000-4000-8000-000000000000',
    detail: 'The logs of this request show the reason.',
  });
  expect(output.text()).toContain('a secret');
});
