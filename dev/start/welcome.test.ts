import { expect, it } from 'vitest';
import { whatToTry } from './welcome.ts';

const PLACES = {
  apiUrl: 'http://localhost:3001',
  timeZone: 'UTC',
  currency: 'USD',
  sqsEndpoint: 'http://localhost:4567',
  queueUrl: 'http://localhost:4567/000000000000/orders-queue',
  redisUrl: 'redis://127.0.0.1:7000',
};

it.each([
  ['redis://127.0.0.1:7000', 'redis-cli -u redis://127.0.0.1:7000 hgetall global:stats'],
  ['rediss://:secret@a.example', 'redis-cli -u rediss://default:…@a.example hgetall global:stats'],
  ['redis+cluster://u:secret@a.example:1,b.example', 'redis-cli -c -u redis://u:…@a.example:1 hgetall global:stats'],
])('a command shows the Redis %s without its password', (redisUrl, command) => {
  for (const isFound of [true, false]) {
    const text = whatToTry({ ...PLACES, redisUrl }, { isFound });
    expect(text).toContain(`  ${command}\n`);
    expect(text).not.toContain('secret');
  }
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
