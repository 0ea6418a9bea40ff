import { gzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';

test('the page is one small document whose policy allows what is in it, and nothing else', async () => {
  const response = await fetch(`${inject('pipeline').api}/dashboard`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(
    /default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; connect-src 'self'/,
  );
  expect(policy).not.toContain('unsafe');
  expect(gzipSync(await response.text()).length).toBeLessThan(30_000);
});
