const CLUSTER_URL = /^(rediss?)\+cluster:\/\/(.*@)?([^@/?#,]+(?:,[^@/?#,]+)*)\/?$/;

/**
 * The nodes that the URL of a Redis Cluster names, each as a URL of its own: `redis+cluster://user:password@a:1,b:2` are
 * `redis://user:password@a:1` and `redis://user:password@b:2`. Undefined for the URL of one server.
 */
export function clusterNodes(url: string): [URL, ...URL[]] | undefined {
  const match = CLUSTER_URL.exec(url);
  if (!match) return undefined;
  const [, scheme, credentials = '', hosts = ''] = match;
  const [first = '', ...others] = hosts.split(',').map((host) => `${scheme}://${credentials}${host}`);
  return [new URL(first), ...others.map((other) => new URL(other))];
}

/** How the URL of a Redis, or of a Redis Cluster, begins: for messages. */
export const REDIS_SCHEMES = 'redis://, rediss://, redis+cluster:// or rediss+cluster://';

/**
 * Whether a text is the URL of a Redis, or of a Redis Cluster without the number of a database: it has only one. A
 * password with a character that has to be encoded makes another URL, with a part of it where others would be shown.
 */
export function isRedisUrl(text: string): boolean {
  try {
    const [{ username, password, pathname }] = clusterNodes(text) ?? [new URL(text)];
    decodeURIComponent(username + password);
    return /^rediss?:/.test(text) ? /^\/?\d*$/.test(pathname) : clusterNodes(text) !== undefined;
  } catch {
    return false;
  }
}

/** The servers that the URL of a Redis names; without its password, so to be shown. */
export const redisHosts = (url: string): string =>
  (clusterNodes(url) ?? [new URL(url)]).map(({ host }) => host).join(',');

/** The URL of a Redis with `…` for its password, and with the name of the user that has none: so to be shown. */
export const withoutPassword = (url: string): string =>
  url.replace(/\/\/([^:@/]*):.*@/, (_, user: string) => `//${user || 'default'}:…@`);
