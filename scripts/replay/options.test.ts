import { Command } from 'commander';
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

/** Reads options and throws what would be printed instead of ending the process. */
function read(line: string, env: NodeJS.ProcessEnv = {}) {
  let output = '';
  const writeErr = (text: string) => {
    output += text;
  };
  const command = new Command().exitOverride().configureOutput({ writeErr });
  try {
    return readOptions(line.split(' ').filter(Boolean), env, command);
  } catch (error) {
    throw new Error(output, { cause: error });
  }
}

test('without options the local stage is replayed from its checkpoint', () => {
  expect(read('')).toEqual({ stage: 'local' });
});

test.each([
  ['2026-11-01', Date.UTC(2026, 10, 1)],
  ['2024-02-29', Date.UTC(2024, 1, 29)],
  ['2026-11-01T12:30:05Z', Date.UTC(2026, 10, 1, 12, 30, 5)],
  ['2026-11-01T12:30:05.250Z', Date.UTC(2026, 10, 1, 12, 30, 5, 250)],
])('--from %s is in UTC', (text, from) => {
  expect(read(`--from ${text}`)).toEqual({ stage: 'local', from });
});

test.each([
  '2026-02-30',
  '2026-13-01',
  '2026-11',
  '1.11.2026',
  '2026-11-01T12:30:05',
  '2026-11-01T25:00:00Z',
  'yesterday',
])('--from %s is refused', (text) => {
  expect(() => read(`--from ${text}`)).toThrow(
    `error: option '--from <time>' argument '${text}' is invalid. It must be a date or a time in UTC, such as 2026-11-01 or 2026-11-01T12:00:00Z.\n`,
  );
});

test.each([
  [
    '--into redis://there --redis redis://here',
    "error: option '--into <URL>' cannot be used with option '--redis <URL>'\n",
  ],
  [
    '--into redis://there --from 2026-11-01',
    "error: option '--into <URL>' cannot be used with option '--from <time>'\n",
  ],
  ['--endpoint localhost', /^error: .* It must be a URL such as http:\/\/localhost:4566\.\n$/],
  ['--currency EUR', /^error: unknown option '--currency'\n/],
])('%s is refused', (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test('a URL of no Redis is refused without its password', () => {
  expect(() => read('--into http://:secret@there')).toThrow(/^error: the URL of Redis must begin with (?!.*secret)/);
});

test('AWS_ENDPOINT_URL must be a URL where it is used', () => {
  const env = { AWS_ENDPOINT_URL: 'localhost:4566' };
  expect(() => read('', env)).toThrow('error: AWS_ENDPOINT_URL must be a URL such as http://localhost:4566\n');
  expect(read('--endpoint http://localhost:4567', env).endpoint).toBe('http://localhost:4567');
});

test('stages but local use AWS_ENDPOINT_URL_S3 first, so only that must be a URL', () => {
  const prod = '--stage prod --redis redis://there';
  expect(() => read(prod, { AWS_ENDPOINT_URL_S3: 'nonsense' })).toThrow('error: AWS_ENDPOINT_URL_S3 must be a URL');
  expect(read(prod, { AWS_ENDPOINT_URL_S3: 'http://s3:1', AWS_ENDPOINT_URL: 'nonsense' }).stage).toBe('prod');
});
