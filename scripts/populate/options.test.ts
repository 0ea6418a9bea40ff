import { Command } from 'commander';
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

/** Reads options and throws instead of ending the process. */
function read(line: string, env: NodeJS.ProcessEnv = {}) {
  let output = '';
  const write = (text: string) => {
    output += text;
  };
  const command = new Command().exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    return readOptions(line.split(' ').filter(Boolean), env, command);
  } catch (error) {
    throw new Error(output, { cause: error });
  }
}

test('defaults send a thousand valid orders to the local stage', () => {
  expect(read('')).toEqual({
    count: 1000,
    users: 100,
    invalid: 0,
    duplicates: 0,
    revisions: 0,
    cancellations: 0,
    seed: 1,
    concurrency: 8,
    stage: 'local',
  });
});

test('numbers are parsed', () => {
  expect(read('--count 5 --users 2 --invalid .2 --duplicates 0.4 --seed 0 --rate 0.5 --concurrency 1')).toMatchObject({
    count: 5,
    users: 2,
    invalid: 0.2,
    duplicates: 0.4,
    seed: 0,
    rate: 0.5,
    concurrency: 1,
  });
});

test.each([
  ['--count -1', '--count', 'whole number from 1'],
  ['--count 1e3', '--count', 'whole number from 1'],
  ['--count 2.5', '--count', 'whole number from 1'],
  ['--users 0', '--users', 'whole number from 1'],
  ['--invalid 2', '--invalid', 'number from 0 to 1'],
  ['--duplicates -0.1', '--duplicates', 'number from 0 to 1'],
  ['--rate abc', '--rate', 'number above 0'],
  ['--rate 0', '--rate', 'number above 0'],
  ['--seed 4294967296', '--seed', 'whole number from 0'],
  ['--concurrency 51', '--concurrency', 'whole number from 1 to 50'],
  ['--queue a/b', '--queue', 'letters, digits'],
  ['--endpoint localhost:4566', '--endpoint', 'must be a URL'],
  ['--stage a_b', '--stage', 'letters, digits and hyphens'],
  ['--invalid 0.5 --duplicates 0.5', "'--invalid', '--duplicates'", 'leave at least one valid order'],
  ['--revisions 0.4 --cancellations 0.2', "'--revisions' and '--cancellations'", 'one for each that is amended'],
  ['--file a.jsonl --shuffle', '--file', "cannot be used with option '--shuffle"],
  ['--file a.jsonl --count 3', '--file', "cannot be used with option '--count"],
  ['--file a.jsonl --seed 3', '--file', "cannot be used with option '--seed"],
  ['--file a.jsonl --out ./a.jsonl', "'--file' and '--out'", 'different files'],
  ['--redis redis://there', '--redis', 'needs'],
  ['--wait --stage prod', '--wait', 'needs a Redis for stage prod'],
  ['500', '', 'too many arguments'],
  ['--cuont 5', 'unknown option', '--cuont'],
])('a mistake is reported in one line, with the rule: %s', (line, option, rule) => {
  expect(() => read(line)).toThrow(new RegExp(`^error: [^\n]*${option}[^\n]*${rule}[^\n]*\n`));
});

test.each(['localhost:4566', 'localstack'])('AWS_ENDPOINT_URL must be a URL where it is used, not %s', (text) => {
  const env = { AWS_ENDPOINT_URL: text };
  expect(() => read('', env)).toThrow('error: AWS_ENDPOINT_URL must be a URL such as http://localhost:4566\n');
  expect(read('--endpoint http://localhost:4567', env).endpoint).toBe('http://localhost:4567');
  expect(read('--queue http://localhost:4567/000000000000/orders-queue', env).endpoint).toBeUndefined();
});

test('AWS_ENDPOINT_URL_SQS must be a URL too, but stage local does not use it', () => {
  const env = { AWS_ENDPOINT_URL_SQS: 'nonsense' };
  expect(() => read('--stage prod', env)).toThrow(
    'error: AWS_ENDPOINT_URL_SQS must be a URL such as http://localhost:4566\n',
  );
  expect(read('', env).stage).toBe('local');
  expect(read('--stage prod', { ...env, AWS_ENDPOINT_URL: 'http://localhost:4567' }).stage).toBe('prod');
});
