import { Command } from 'commander';
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const BEGINS = 'must begin with redis://, rediss://, redis+cluster:// or rediss+cluster://';

/** Reads options and throws what would be printed instead of ending the process. */
function read(line: string, env: NodeJS.ProcessEnv = {}) {
  let output = '';
  const write = (text: string) => {
    output += text;
  };
  const command = new Command().exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    return readOptions(line.split(' ').filter(Boolean), env, undefined, command);
  } catch (error) {
    throw new Error(output, { cause: error });
  }
}

test('one file is compared with the Redis on this machine', () => {
  expect(read('--file a.jsonl')).toEqual({
    source: { files: ['a.jsonl'] },
    redis: 'redis://127.0.0.1:6379',
    timeZone: 'UTC',
    currency: 'USD',
    json: false,
  });
});

test('the archive is that of the stage, or the one that is named', () => {
  expect(read('--archive', { AWS_ENDPOINT_URL: 'http://s3:1' }).source).toEqual({
    archive: { stage: 'local', endpoint: 'http://s3:1', bucket: undefined },
  });
  expect(read('--archive --bucket b --endpoint http://s3:2').source).toEqual({
    archive: { stage: 'local', endpoint: 'http://s3:2', bucket: 'b' },
  });
});

test('files are kept in their order', () => {
  expect(read('--file b --file a --json')).toMatchObject({ source: { files: ['b', 'a'] }, json: true });
});

test('REDIS_URL is the default, and --redis comes first', () => {
  const env = { REDIS_URL: 'rediss://there' };
  expect(read('--file a', env).redis).toBe('rediss://there');
  expect(read('--file a --redis redis://here', env).redis).toBe('redis://here');
  expect(read('--file a --redis rediss+cluster://a,b', env).redis).toBe('rediss+cluster://a,b');
  expect(read('--file a', { REDIS_URL: '' }).redis).toBe('redis://127.0.0.1:6379');
});

test('the time zone is the one that is named, that of TIME_ZONE, or UTC', () => {
  const env = { TIME_ZONE: 'Asia/Tokyo' };
  expect(read('--file a', env).timeZone).toBe('Asia/Tokyo');
  expect(read('--file a --time-zone Europe/Berlin', env).timeZone).toBe('Europe/Berlin');
});

test('the currency is the one that is named, that of CURRENCY, or USD', () => {
  const env = { CURRENCY: 'EUR' };
  expect(read('--file a', env).currency).toBe('EUR');
  expect(read('--file a --currency GBP', env).currency).toBe('GBP');
});

test.each([
  ['--file a --currency Euro', /^error: .*It must be the code of a currency with two decimals, such as EUR\.\n$/],
  ['--file a --currency JPY', /^error: .*It must be the code of a currency with two decimals, such as EUR\.\n$/],
  ['--file a --time-zone Berlin', /^error: .*It must be the name of a time zone, such as Europe\/Berlin\.\n$/],
  ['', "error: required option '--file <path>' or '--archive' not specified\n"],
  ['--file a --archive', "error: option '--archive' cannot be used with option '--file <path>'\n"],
  ['--file a --bucket b', "error: option '--bucket <name>' cannot be used with option '--file <path>'\n"],
  ['--file a --redis localhost', `error: the URL of Redis ${BEGINS}\n`],
  ['--file a b', /^error: too many arguments[^\n]*\n$/],
  ['--file a --colour', "error: unknown option '--colour'\n"],
])('%j is refused with one line', (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test('a REDIS_URL that is none is refused without its value, which may hold a password', () => {
  expect(() => read('--file a', { REDIS_URL: 'http://:secret@there' })).toThrow(
    new Error(`error: REDIS_URL ${BEGINS}\n`),
  );
});

test('another stage needs a Redis that is named', () => {
  expect(() => read('--file a --stage prod')).toThrow(
    'error: no Redis is named for stage prod: set --redis or REDIS_URL\n',
  );
  expect(read('--file a --stage prod', { REDIS_URL: 'rediss://there' }).redis).toBe('rediss://there');
});

test('the help shows how the URL of a Redis begins', () => {
  expect(() => read('--help')).toThrow(/redis:\/\/,\s+rediss:\/\/,\s+redis\+cluster:\/\/\s+or\s+rediss\+cluster:\/\//);
});

test('the help does not show REDIS_URL', () => {
  expect(() => read('--help', { REDIS_URL: 'redis://:secret@there' })).toThrow(/^(?!.*secret).*--file <path>/s);
});

test('AWS_ENDPOINT_URL must be a URL where it is used', () => {
  const env = { AWS_ENDPOINT_URL: 'localhost:4566' };
  expect(() => read('--archive', env)).toThrow('error: AWS_ENDPOINT_URL must be a URL such as http://localhost:4566\n');
  expect(read('--file orders.jsonl', env).source).toEqual({ files: ['orders.jsonl'] });
});
