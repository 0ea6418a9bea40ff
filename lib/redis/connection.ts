import { Redis } from 'ioredis';
import { withTimeout } from '../withTimeout.ts';
import { primariesOf, type RedisClient, type RedisLimits, redisClient } from './client.ts';
import { firstCause } from './errors.ts';

/** How long after its last use a connection needs no look whether it still stands: batch after batch pays nothing. */
const TRUSTED_MS = 100;
/** Longest wait for the answer of one that was idle. */
const PING_MS = 250;

/**
 * One connection for the life of a Lambda container: to a Redis, or to the nodes of a Redis Cluster. It fails fast and
 * repeats a command only where another node of a cluster is the right one. Trying again is up to the queue, or to the
 * caller of the API.
 */
export class RedisConnection {
  #current: { readonly redis: RedisClient; readonly connected: Promise<RedisClient> } | undefined;
  #lastOpened = 0;
  /** The first error of each client that is not the answer to a command. */
  readonly #ends = new WeakMap<RedisClient, unknown>();

  /** @param url `redis://`, `redis+cluster://` or, with TLS, `rediss://`, `rediss+cluster://` */
  constructor(
    private readonly url: string,
    private readonly limits: RedisLimits,
    private readonly prepare: (redis: RedisClient) => void = () => {},
  ) {}

  /**
   * The connected client. It connects at the first call, at the first after a connection was lost, and where a connection
   * that was idle does not answer: while its container was frozen, a server may have closed it, or a network forgotten
   * it.
   *
   * @throws an error whose cause says why Redis cannot be reached
   */
  async open(): Promise<RedisClient> {
    const wasIdle = this.#current && Date.now() - this.#lastOpened > TRUSTED_MS;
    this.#lastOpened = Date.now();
    const redis = await this.#client();
    if (!wasIdle || (await answers(redis))) return redis;
    this.drop(redis);
    return this.#client();
  }

  #client(): Promise<RedisClient> {
    this.#current ??= this.#connect();
    return this.#current.connected;
  }

  /**
   * Gives a client up after a command failed: after a failover, or a command that timed out, its connection may lead to
   * the wrong server or to none.
   */
  drop(redis: RedisClient): void {
    // The client of a cluster that has ended would wait for the end of its connections forever, and commands with it.
    if (redis.status !== 'end') redis.disconnect();
    this.#forget(redis);
  }

  /** Why the connection of a client ended, as far as it is known. */
  endOf(redis: RedisClient): unknown {
    return this.#ends.get(redis);
  }

  /** The end of a client may come late, when the next one is in use already. */
  #forget(redis: RedisClient): void {
    if (this.#current?.redis === redis) this.#current = undefined;
  }

  #connect(): { redis: RedisClient; connected: Promise<RedisClient> } {
    const redis = redisClient(this.url, this.limits);
    this.prepare(redis);
    // ioredis reports only in these events why it could not connect; it prints an error that has no listener.
    const note = (error: unknown) => {
      if (!this.#ends.has(redis)) this.#ends.set(redis, error);
    };
    redis.on('error', note);
    redis.on('node error', note);
    redis.once('end', () => this.#forget(redis));
    const connected = connect(redis, this.limits.connectMs)
      .then(() => {
        // ioredis goes on with database 0 where Redis refuses the one that the URL names.
        if (redis instanceof Redis && this.#ends.has(redis)) throw this.#ends.get(redis);
        return redis;
      })
      .catch((error: unknown) => {
        this.drop(redis);
        throw new Error('Redis cannot be reached', { cause: firstCause([this.#ends.get(redis), error]) });
      });
    return { redis, connected };
  }
}

/** Finding the nodes of a cluster takes many steps, each within its own limit: this one is for all of them. */
function connect(redis: RedisClient, ms: number): Promise<void> {
  if (redis instanceof Redis) return redis.connect();
  // Stryker disable next-line StringLiteral: ioredis gives up sooner, and says why
  return withTimeout(ms, redis.connect(), `No node of the cluster answered within ${ms} ms`);
}

/** Whether every server that a client is connected to still answers. */
async function answers(redis: RedisClient): Promise<boolean> {
  const pings = primariesOf(redis).flatMap((server) => (server.status === 'ready' ? server.ping() : []));
  return withTimeout(PING_MS, Promise.all(pings), 'An idle connection leads nowhere').then(
    () => true,
    () => false,
  );
}
