import { expect, it } from 'vitest';
import { whatToTry } from './welcome.ts';

const PLACES = {
  apiUrl: 'http://localhost:3001',
  timeZone: 'UTC',
  currency: 'USD',
  sqsEndpoint: 'http://localhost:4567',
  archiveBucket: 'orders-archive-local-000000000000',
  queueUrl: 'http://localhost:4567/000000000000/orders-queue',
  redisUrl: 'redis://127.0.0.1:7000',
};

it.each([
  ['redis://127.0.0.1:7000', 'redis://127.0.0.1:7000', 'redis://127.0.0.1:7000'],
  ['rediss://:secret@a.example', '"$REDIS_URL"', 'rediss://default:…@a.example'],
])('the commands for the Redis %s name it without its password, and can be pasted', (redisUrl, named, shown) => {
  for (const isFound of [true, false]) {
    const text = whatToTry({ ...PLACES, redisUrl }, { isFound });
    expect(text).toContain(`  redis-cli -u ${named} hgetall global:stats\n`);
    if (!isFound) expect(text).toContain(` --redis ${named} --time-zone UTC\n`);
    expect(text).toContain(` · ${shown}\n`);
    expect(text).not.toContain('secret');
  }
});

it('on a cluster no command reads a key that only a single Redis has', () => {
  const redisUrl = 'redis+cluster://u:secret@a.example:1,b.example';
  const text = whatToTry({ ...PLACES, redisUrl }, { isFound: false });
  expect(text).toContain(' --redis "$REDIS_URL" --time-zone UTC\n');
  expect(text).not.toMatch(/secret|redis-cli/);
});

it('a command lists the archive, where there is one', () => {
  const archive =
    '  aws s3 ls s3://orders-archive-local-000000000000 --recursive --no-sign-request --endpoint-url http://localhost:4567\n';
  expect(whatToTry(PLACES, { isFound: true })).toContain(archive);
  expect(whatToTry({ ...PLACES, archiveBucket: undefined }, { isFound: true })).not.toContain('aws s3');
});

it('commands name queue and Redis only where the tools would find another npm start', () => {
  const found = whatToTry(PLACES, { isFound: true, samplesFile: 'samples.jsonl' });
  for (const command of [
    'dlq -- list',
    'verify -- --file samples.jsonl',
    'populate -- --count 10000 --invalid 0.001',
  ]) {
    expect(found).toContain(`  npm run ${command}\n`);
  }
  const second = whatToTry(PLACES, { isFound: false, samplesFile: 'samples.jsonl' });
  for (const command of [
    'dlq -- list --endpoint http://localhost:4567 --redis redis://127.0.0.1:7000 --time-zone UTC',
    'verify -- --file samples.jsonl --redis redis://127.0.0.1:7000 --time-zone UTC',
    'populate -- --count 10000 --invalid 0.001 --endpoint http://localhost:4567',
  ]) {
    expect(second).toContain(`  npm run ${command}\n`);
  }
});
