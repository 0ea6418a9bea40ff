import { expect, it } from 'vitest';
import { parseRedisUrl, redisAddress, redisName, redisUrlProblem, withoutPassword } from './url.ts';

const ONE = { isCluster: false, isTls: false, username: '', password: '', database: 0 };

it.each([
  ['redis://a.example', { ...ONE, nodes: [{ host: 'a.example', port: 6379 }] }],
  ['redis://[::1]:7000/', { ...ONE, nodes: [{ host: '::1', port: 7000 }] }],
  [
    'rediss://u:p%40%3f:,+s@a.example:7000/15',
    {
      ...ONE,
      isTls: true,
      username: 'u',
      password: 'p@?:,+s',
      nodes: [{ host: 'a.example', port: 7000 }],
      database: 15,
    },
  ],
  ['redis+cluster://a_b:7000/', { ...ONE, isCluster: true, nodes: [{ host: 'a_b', port: 7000 }] }],
  [
    'rediss+cluster://:p%40,ss@a.example,[::1]:7001',
    {
      ...ONE,
      isCluster: true,
      isTls: true,
      password: 'p@,ss',
      nodes: [
        { host: 'a.example', port: 6379 },
        { host: '::1', port: 7001 },
      ],
    },
  ],
])('%s is read', (url, address) => {
  expect(redisAddress(url)).toEqual(address);
});

const SCHEME = /^must begin with redis:\/\//;
const ENCODED = /^has a character in its user or password that must be encoded: /;
const END = /^must end after host, port and database: it takes no query \(\?\) and no fragment \(#\)$/;
const SERVER = /^must name one server /;
const NODES = /^must name nodes /;
const DATABASE = /^must not name a database: a cluster has only one$/;

it.each([
  ['', SCHEME],
  ['hunter2.example:6379', SCHEME],
  ['http://:hunter2@a.example', SCHEME],
  ['xredis://:hunter2@a.example', SCHEME],
  ['cluster://:hunter2@a.example', SCHEME],
  ...['redis', 'rediss', 'redis+cluster', 'rediss+cluster'].flatMap((scheme): [string, RegExp][] => [
    ...['57#hunter2', '57?hunter2', '57/hunter2', 'hunter2@', 'hunter2%', 'hunter2%zz', 'hunter2%ff', 'hunter2 '].map(
      (password): [string, RegExp] => [`${scheme}://user:${password}@a.example:6379`, ENCODED],
    ),
    [`${scheme}://hun?ter2:hunter2@a.example`, ENCODED],
    [`${scheme}://a.example?keyPrefix=hunter2`, END],
    [`${scheme}://:hunter2@a.example:7000/?family=6`, END],
    [`${scheme}://:hunter2@a.example#hunter2`, END],
  ]),
  ['redis://', SERVER],
  ['redis://:hunter2@', SERVER],
  ['redis:///1', SERVER],
  ['redis://:hunter2@a.example:x', SERVER],
  ['redis://:hunter2@a.example:65536', SERVER],
  ['redis://:hunter2@a.example,b.example', SERVER],
  ['redis://a.example/x1', SERVER],
  ['redis://a.example/1x', SERVER],
  ['redis://a.example/1/2', SERVER],
  ['redis+cluster://:hunter2@a.example,', NODES],
  ['redis+cluster://:hunter2@', NODES],
  ['redis+cluster://:hunter2@a.example/1', DATABASE],
])('the URL %j is refused with a sentence that repeats none of it', (url, problem) => {
  expect(parseRedisUrl(url)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  expect(redisUrlProblem(url)).not.toMatch(/hunter2|example|57/);
  expect(() => redisAddress(url)).toThrow(/^The URL of Redis (must|has)/);
});

it.each([
  ['rediss://:secret@a.example:7000/1', 'a.example:7000/1'],
  ['redis+cluster://:secret@a.example:7000,b.example', 'a.example:7000,b.example'],
  ['redis://a.example/15', 'a.example/15'],
  ['redis://a.example/0', 'a.example'],
  ['redis://a.example/', 'a.example'],
  ['redis://a.example/secret', 'a.example'],
])('the Redis of %s is shown as %s', (url, name) => {
  expect(redisName(url)).toBe(name);
});

it.each([
  ['redis://a.example:7000/1', 'redis://a.example:7000/1'],
  ['rediss://:sec:r%40et@a.example', 'rediss://default:…@a.example'],
  ['redis+cluster://orders:secret@a.example:7000,b.example', 'redis+cluster://orders:…@a.example:7000,b.example'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
