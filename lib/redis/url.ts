type RedisNode = { readonly host: string; readonly port: number };

/** User and password are decoded; empty if missing. */
export type RedisAddress = {
  readonly isCluster: boolean;
  readonly isTls: boolean;
  readonly username: string;
  readonly password: string;
  /** The one Redis, or some nodes of a cluster. */
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  /** 0 on a cluster. */
  readonly database: number;
};

type Parsed = { readonly ok: true; readonly address: RedisAddress } | { readonly ok: false; readonly problem: string };

/** For error messages. */
export const REDIS_SCHEMES = 'redis://, rediss://, redis+cluster:// or rediss+cluster://';

/** Credentials extend to the last `@`, so that no part of a password is taken for a host. */
const PARTS = /^(rediss?)(\+cluster)?:\/\/(?:(.*)@)?([^@]*)$/s;
const CREDENTIALS = /^([^\s:/?#@%]|%[\da-f]{2})*(:([^\s/?#@%]|%[\da-f]{2})*)?$/i;
const SERVERS = /^([^/]*)(?:\/(\d*))?$/;
const SERVER = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i;
const LARGEST_PORT = 65_535;

/**
 * Reads `redis://user:password@host:port/database` or `redis+cluster://user:password@host:port,host:port`, with `rediss`
 * for TLS. Only a host is required.
 *
 * @returns the problem as text that follows the name of the setting and repeats no part of the URL
 */
export function parseRedisUrl(text: string): Parsed {
  const [, scheme, cluster, credentials = '', rest = ''] = PARTS.exec(text) ?? [];
  if (!scheme) return refused(`must begin with ${REDIS_SCHEMES}`);
  const [username = '', password = ''] = CREDENTIALS.test(credentials) ? decode(credentials) : [];
  if (credentials && !username && !password) {
    return refused(
      'has a character in its user or password that must be encoded: %40 for @, %23 for #, %3F for ?, %2F for /, %25 for %',
    );
  }
  if (/[?#]/.test(rest))
    return refused('must end after host, port and database: it takes no query (?) and no fragment (#)');
  const [, servers = '', database = ''] = SERVERS.exec(rest) ?? [];
  const [first, ...others] = cluster ? servers.split(',').map(parseServer) : [parseServer(servers)];
  if (!first || !others.every((other) => other !== undefined)) {
    return refused(
      cluster
        ? 'must name nodes as host or host:port, separated by commas, after the scheme and the password'
        : 'must name one server as host or host:port, and its database by number, after the scheme and the password',
    );
  }
  if (cluster && database) return refused('must not name a database: a cluster has only one');
  const nodes = [first, ...others] as const;
  const isTls = scheme === 'rediss';
  const address = { isCluster: cluster !== undefined, isTls, username, password, nodes, database: Number(database) };
  return { ok: true, address };
}

const refused = (problem: string): Parsed => ({ ok: false, problem });

/** @returns user and password; nothing if they are not UTF-8 */
function decode(credentials: string): string[] {
  try {
    return (/^([^:]*):?(.*)$/.exec(credentials) ?? []).slice(1).map(decodeURIComponent);
  } catch {
    return [];
  }
}

function parseServer(text: string): RedisNode | undefined {
  const [, ipv6, name, port = '6379'] = SERVER.exec(text) ?? [];
  const host = ipv6 ?? name;
  return host === undefined || Number(port) > LARGEST_PORT ? undefined : { host, port: Number(port) };
}

/** See {@link parseRedisUrl}; undefined if the URL is valid. */
export function redisUrlProblem(text: string): string | undefined {
  const parsed = parseRedisUrl(text);
  return parsed.ok ? undefined : parsed.problem;
}

/** For a URL that was checked before. @throws an error that repeats no part of the URL */
export function redisAddress(url: string): RedisAddress {
  const parsed = parseRedisUrl(url);
  if (!parsed.ok) throw new Error(`The URL of Redis ${parsed.problem}`);
  return parsed.address;
}

/** A Redis for people, safe to show: its servers, and the number of a database other than 0. */
export const redisName = (url: string): string => url.replace(/^.*(\/\/|@)/s, '').replace(/\/(?!0*[1-9]\d*$).*/s, '');

/** The URL, safe to show: `…` replaces the password, and a missing user is named `default`. */
export const withoutPassword = (url: string): string =>
  url.replace(/\/\/([^:@/]*):.*@/, (_, user: string) => `//${user || 'default'}:…@`);
