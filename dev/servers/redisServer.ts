import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { findRedisServer } from './programs.ts';

/** A running redis-server. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the process and deletes its data. */
  stop(): Promise<void>;
};

/** By default on a free port, with its data in a new temporary folder. */
export type RedisServerOptions = {
  readonly port?: number;
  readonly directory?: string;
  /** Further settings of redis.conf, e.g. `{ appendonly: 'yes' }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly environment?: Readonly<Record<string, string>>;
};

/**
 * Takes the folder, empty for a new one, and the command. Prints the server's process id and the folder. Kills the server and
 * deletes the folder when our end of the pipe closes, however this process ended. A server that ends by itself leaves its
 * folder to the next one. The shell creates the folder, because a signal may end us before it runs.
 */
const GUARD = `
# Server and shell must survive that nobody reads their output: the guard would end with them.
trap '' PIPE
exec 3<&0
directory=\${1:-$(mktemp -d "\${TMPDIR:-/tmp}/orders-redis-XXXXXX")}
shift
"$@" --dir "$directory" </dev/null >&2 &
server=$!
{
  cat <&3 >/dev/null
  trap '' TERM
  kill -9 $server
  # Again, in case the server created a file meanwhile.
  rm -rf "$directory" || { sleep 1; rm -rf "$directory"; }
} 2>/dev/null &
guard=$!
echo "$server $directory"
wait $server
kill $guard
wait $guard`;

/**
 * Starts a redis-server that never outlives this process.
 *
 * @returns when it answers
 * @throws an error with its last output when it ends instead, or with its version when that is too old
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const command = await findRedisServer();
  const port = options.port ?? (await getPort({ host: '127.0.0.1' }));
  const settings = { port, bind: '127.0.0.1', save: '', loglevel: 'warning', ...options.settings };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const variables = Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', options.directory ?? '', 'env', ...variables, command, ...args], {
    // In its own process group, so that Ctrl-C reaches only us and we decide what ends when.
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  let lastWords = '';
  child.stderr.on('data', (text) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  let running = true;
  const ended = once(child, 'close').then(() => {
    running = false;
  });
  let info: string | undefined;
  while (running && info === undefined) {
    await sleep(20);
    if (said.endsWith('\n')) info = await infoOf(port);
  }
  const [, pid, directory = ''] = /^(\d+) (.*)/.exec(said) ?? [];
  if (info === undefined) {
    if (!options.directory && directory) rmSync(directory, { recursive: true, force: true });
    throw new Error(`${command} ended right after its start: ${lastWords.trim()}`);
  }

  const stop = async () => {
    child.stdin.end();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const problem = versionProblem(info);
  if (problem) {
    await stop();
    throw new Error(`${command} ${problem}.`);
  }
  return { url: `redis://127.0.0.1:${port}`, port, directory, pid: Number(pid), ended, stop };
}

/** The answer to INFO, once the server accepts commands. */
async function infoOf(port: number): Promise<string | undefined> {
  // The ready check of ioredis would wait a second while the server loads its data.
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
    return await redis.info('server');
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

/** Older versions lack commands that the Lua scripts use, or report errors differently. */
const OLDEST = 7;

/**
 * What is wrong with the version of a Redis, if anything. Valkey also reports the Redis version that it is compatible with.
 *
 * @param info the answer to INFO
 * @returns a text to follow the name of the Redis, e.g. `is Redis 6.0.16: Redis 7 or newer is needed, or Valkey`
 */
export function versionProblem(info: string): string | undefined {
  const [, version = '?', major] = /^redis_version:((\d+)\S*)/m.exec(info) ?? [];
  return Number(major) >= OLDEST ? undefined : `is Redis ${version}: Redis ${OLDEST} or newer is needed, or Valkey`;
}
