import { expect, it } from 'vitest';
import { versionProblem } from './redisServer.ts';

const infoOf = (version: string) => `# Server\r\nredis_version:${version}\r\nredis_mode:standalone`;

it.each(['7.0.15', '7.2.4', '8.0.0', '10.1'])('Redis %s is new enough', (version) => {
  expect(versionProblem(infoOf(version))).toBeUndefined();
});

it.each(['6.0.16', '6.2.14', '5.0.7'])(
  'Redis %s is refused; the message names its version and the required one',
  (version) => {
    expect(versionProblem(infoOf(version))).toBe(`is Redis ${version}: Redis 7 or newer is needed, or Valkey`);
  },
);
