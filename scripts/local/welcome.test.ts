import { expect, it } from 'vitest';
import { whatToTry } from './welcome.ts';

it.each([
  ['redis://127.0.0.1:7000', 'redis-cli -u redis://127.0.0.1:7000 hgetall global:stats'],
  ['rediss://:secret@a.example', 'redis-cli -u rediss://default:…@a.example hgetall global:stats'],
  ['redis+cluster://u:secret@a.example:1,b.example', 'redis-cli -c -u redis://u:…@a.example:1 hgetall global:stats'],
])('npm start with the Redis %s tells how to look into it, and no password', (redisUrl, command) => {
  const text = whatToTry({ apiUrl: 'http://localhost:3000', sqsUrl: 'http://localhost:4566', redisUrl });
  expect(text).toContain(`  ${command}\n`);
  expect(text).not.toContain('secret');
});
