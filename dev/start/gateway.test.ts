import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createGateway, type Route } from './gateway.ts';
import { TimeoutError } from './localFunction.ts';

const invoke = vi.fn<(event: unknown) => Promise<unknown>>();
const route = (method: string, path: string): Route => ({ method, path, local: { invoke } });

const gatewayResponse = (type: string, status: number | undefined) => ({
  type,
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: `{"type":"${type}","detail":$context.error.messageString}`,
});

const cors = { origin: 'https://shop.example', headers: ['X-Api-Key', 'Authorization'], maxAge: 600 };

const server = createGateway([{ ...route('any', '/users/{user_id}/stats'), cors }, route('get', '/health')], {
  stage: 'local',
  minimumCompressionSize: 1000,
  responses: [
    gatewayResponse('MISSING_AUTHENTICATION_TOKEN', 404),
    gatewayResponse('DEFAULT_4XX', undefined),
    gatewayResponse('DEFAULT_5XX', undefined),
  ],
});
let port: number;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close().closeAllConnections());

const printed = vi.spyOn(console, 'error').mockImplementation(() => {});

const request = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });

it('a function gets the event of a REST API, and its answer is sent', async () => {
  invoke.mockResolvedValueOnce({
    statusCode: 201,
    headers: { 'X-Count': 1 },
    multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: Buffer.from('answer').toString('base64'),
    isBase64Encoded: true,
  });
  const headers = { 'x-one': '1' };
  const answer = await request('/users/U%2F1/stats/?m=a%20b&m=c&n=', { method: 'POST', headers, body: 'text' });
  expect(invoke.mock.lastCall?.[0]).toMatchObject({
    resource: '/users/{user_id}/stats',
    path: '/users/U%2F1/stats/',
    httpMethod: 'POST',
    headers: { 'x-one': '1' },
    multiValueHeaders: { 'x-one': ['1'] },
    queryStringParameters: { m: 'c', n: '' },
    multiValueQueryStringParameters: { m: ['a b', 'c'], n: [''] },
    pathParameters: { user_id: 'U%2F1' },
    requestContext: { stage: 'local', identity: { sourceIp: '127.0.0.1' } },
    body: 'text',
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('x-count')).toBe('1');
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.text()).toBe('answer');
});

it('JSON ends with a newline, which terminals need, and other bodies are unchanged', async () => {
  for (const [body, sent] of [
    ['{"a":1}', '{"a":1}\n'],
    ['<html></html>', '<html></html>'],
    ['', ''],
  ]) {
    invoke.mockResolvedValueOnce({ statusCode: 200, body });
    expect(await (await request('/health')).text()).toBe(sent);
  }
  expect(await (await request('/nowhere')).text()).toMatch(/\}\n$/);
});

it('a preflight of a path with CORS reaches no function', async () => {
  invoke.mockClear();
  const answer = await request('/users/U1/stats', { method: 'OPTIONS' });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, 'https://shop.example']);
  expect(answer.headers.get('access-control-allow-headers')).toBe('X-Api-Key,Authorization');
  expect(invoke).not.toHaveBeenCalled();
});

it.each([
  [1000, 'gzip, br', 'gzip'],
  [999, 'gzip', null],
  [1000, 'gzip;q=0.5', 'gzip'],
  [1000, 'gzip;q=0, br', null],
  [1000, 'br', null],
])('an answer of %i bytes to a caller that accepts %s has the encoding %s', async (size, accepted, encoding) => {
  invoke.mockResolvedValueOnce({ statusCode: 200, body: 'x'.repeat(size) });
  const answer = await request('/health', { headers: { 'accept-encoding': accepted } });
  expect(answer.headers.get('content-encoding')).toBe(encoding);
  expect(await answer.text()).toBe('x'.repeat(size));
});

it('what a request does not have is null', async () => {
  invoke.mockResolvedValueOnce({ statusCode: 204 });
  expect((await request('/health')).status).toBe(204);
  expect(invoke.mock.lastCall?.[0]).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: null,
  });
});

it.each([
  ['/', 302, ''],
  ['/nope', 404, 'MISSING_AUTHENTICATION_TOKEN'],
  ['/users//stats', 404, 'MISSING_AUTHENTICATION_TOKEN'],
  ['/users/U1/stats/more', 404, 'MISSING_AUTHENTICATION_TOKEN'],
  ['/users/%ZZ/stats', 400, 'DEFAULT_4XX'],
])('%s reaches no function: %i', async (path, status, type) => {
  invoke.mockClear();
  const answer = await request(path);
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(type)]);
  expect(invoke).not.toHaveBeenCalled();
});

it('a method that a route does not have is an unknown route', async () => {
  expect((await request('/health', { method: 'POST' })).status).toBe(404);
});

it('a body above 10 MB is refused', async () => {
  const body = Buffer.alloc(10 * 1024 * 1024 + 1);
  expect((await request('/users/U1/stats', { method: 'POST', body })).status).toBe(413);
});

it.each([
  ['that fails', () => Promise.reject(new Error('no Redis')), 502, 'Internal server error'],
  ['whose answer is none', () => Promise.resolve({ status: 'ok' }), 502, 'Internal server error'],
  ['that takes too long', () => Promise.reject(new TimeoutError('too long')), 504, 'Endpoint request timed out'],
])('a function %s is an error of the gateway', async (_, invoked, status, detail) => {
  invoke.mockImplementationOnce(invoked);
  const answer = await request('/health');
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ type: 'DEFAULT_5XX', detail });
  expect(printed).toHaveBeenLastCalledWith(expect.stringMatching(/^GET \/health failed: /));
});

it.each(['OPTIONS *', 'GET http://127.0.0.1/health'])('%s is refused', async (line) => {
  const socket = connect(port, '127.0.0.1');
  socket.end(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 40[04] /);
});
