import { describe, expect, it } from 'vitest';
import { ok, problem } from './respond.ts';

describe('an answer', () => {
  it('of a body is JSON', () => {
    const response = ok({ user_id: 'U5678', order_count: 10, total_spend: 759.9 });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({ 'Content-Type': 'application/json' });
    expect(response.body).toBe('{"user_id":"U5678","order_count":10,"total_spend":759.9}');
  });

  it('of a problem is one of RFC 9457', () => {
    const response = problem(404, 'Not Found', 'No order of user U5678 was counted.');
    expect(response.statusCode).toBe(404);
    expect(response.headers).toMatchObject({ 'Content-Type': 'application/problem+json' });
    expect(JSON.parse(response.body)).toEqual({
      type: 'about:blank',
      status: 404,
      title: 'Not Found',
      detail: 'No order of user U5678 was counted.',
    });
  });

  it('of a problem may have headers of its own', () => {
    expect(problem(503, 'Service Unavailable', 'Later.', { 'Retry-After': '5' }).headers).toMatchObject({
      'Retry-After': '5',
    });
  });

  it.each([
    ['a body', ok({})],
    ['a problem', problem(400, 'Bad Request', 'Wrong.')],
  ])('of %s is kept by no cache, may be read from any page, and tells browsers to stay strict', (_, response) => {
    expect(response.headers).toMatchObject({
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      'Strict-Transport-Security': expect.stringMatching(/^max-age=\d+/),
    });
  });
});
