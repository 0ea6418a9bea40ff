import { expect, it } from 'vitest';
import { clusterNodes, isRedisUrl, redisHosts, withoutPassword } from './url.ts';

const nodesOf = (url: string) => clusterNodes(url)?.map(({ href }) => href);

it.each([
  ['redis+cluster://a.example', ['redis://a.example']],
  ['redis+cluster://a.example:7000/', ['redis://a.example:7000']],
  ['redis+cluster://a.example:7000,b.example:7001', ['redis://a.example:7000', 'redis://b.example:7001']],
  [
    'rediss+cluster://u:p%40,ss@a.example:7000,[::1]',
    ['rediss://u:p%40,ss@a.example:7000', 'rediss://u:p%40,ss@[::1]'],
  ],
])('%s names the nodes %j', (url, nodes) => {
  expect(nodesOf(url)).toEqual(nodes);
});

it.each([
  'redis://a.example',
  'rediss://a.example:7000/1',
  'redis+cluster://a.example/1',
  'xredis+cluster://a.example',
  'cluster://a.example',
])('%s is not the URL of a cluster', (url) => {
  expect(nodesOf(url)).toBeUndefined();
});

it.each([
  ['rediss://:secret@a.example:7000/1', 'a.example:7000'],
  ['redis+cluster://:secret@a.example:7000,b.example', 'a.example:7000,b.example'],
])('of %s only the servers %s are shown', (url, hosts) => {
  expect(redisHosts(url)).toBe(hosts);
});

it.each([
  ['redis://a.example:7000/1', 'redis://a.example:7000/1'],
  ['rediss://:sec:r@et@a.example', 'rediss://default:…@a.example'],
  ['redis+cluster://orders:secret@a.example:7000,b.example', 'redis+cluster://orders:…@a.example:7000,b.example'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

it.each(['redis://a.example', 'rediss://u:p@a.example:7000/15', 'redis+cluster://:p%40@a.example,b.example:1'])(
  '%s is the URL of a Redis',
  (url) => {
    expect(isRedisUrl(url)).toBe(true);
  },
);

it.each([
  '',
  'a.example:6379',
  'http://a.example',
  'xredis://a.example',
  'redis://a.example/x1',
  'redis://a.example/1x',
  'redis://u:%zz@a.example',
  'redis+cluster://a.example/1',
  'redis+cluster://u:p#@a.example',
])('"%s" is not the URL of a Redis', (url) => {
  expect(isRedisUrl(url)).toBe(false);
});
