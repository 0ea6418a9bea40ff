import { Redis } from 'ioredis';
import { errorText } from '../errorText.ts';
import { withTimeout } from '../withTimeout.ts';
import { primariesOf, type RedisClient, type RedisLimits, redisClient } from './client.ts';
import { firstCause, isAnswer } from './errors.ts';

/** A connection used this recently is trusted without a PING, so that consecutive batches pay nothing. */
const TRUSTED_MS = 100;
/** An idle connection that does not answer PING within this time is dropped. */
const PING_MS = 250;

/**
 * One connection to Redis, or to the nodes of a Redis Cluster, for the life of a Lambda container. It fails fast. Commands
 * are repeated only when a cluster redirects them; other retries are up to the queue, or to the caller of the API.
 */
export class RedisConnection {
  #current: { readonly redis: RedisClient; readonly connected: Promise<RedisClient> } | undefined;
  #lastOpened = 0;
  /** The first connection error of each client. */
  readonly #ends = new WeakMap<RedisClient, unknown>();

  /** @param prepare called with each new client, to define its scripts */
  constructor(
    private readonly url: string,
    private readonly limits: RedisLimits,
    private readonly prepare: (redis: RedisClient) => void = () => {},
  ) {}

  /**
   * The connected client. It reconnects after a lost connection, and when an idle one does not answer: while the container
   * was frozen, the server or the network may have dropped it.
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

  /** To be called after a command failed: after a failover or a timeout, the connection may lead to the wrong server. */
  drop(redis: RedisClient): void {
    // A cluster client that has already ended would wait forever for its connections to end, and commands with it.
    if (redis.status !== 'end') redis.disconnect();
    this.#forget(redis);
  }

  /** Why the connection of a client ended, if known. */
  endOf(redis: RedisClient): unknown {
    return this.#ends.get(redis);
  }

  /** The end event of a client may come after its successor is in use. */
  #forget(redis: RedisClient): void {
    if (this.#current?.redis === redis) this.#current = undefined;
  }

  #connect(): { redis: RedisClient; connected: Promise<RedisClient> } {
    const redis = redisClient(this.url, this.limits);
    this.prepare(redis);
    // Only these events say why ioredis could not connect. Without a listener it prints the error.
    const note = (error: unknown) => {
      const known = this.#ends.get(redis);
      // ioredis selects the database of the URL before Redis has answered that the password is wrong.
      if (known === undefined || (errorText(known).startsWith('NOAUTH ') && isAnswer(error))) {
        this.#ends.set(redis, error);
      }
    };
    redis.on('error', note);
    redis.on('node error', note);
    redis.once('end', () => this.#forget(redis));
    const connected = connect(redis, this.limits.connectMs)
      .then(() => {
        // If Redis refuses the database of the URL, ioredis continues with database 0.
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

/** Discovering the nodes of a cluster takes several steps with a limit each. This limits them together. */
function connect(redis: RedisClient, ms: number): Promise<void> {
  if (redis instanceof Redis) return redis.connect();
  // Stryker disable next-line StringLiteral: ioredis gives up sooner and says why
  return withTimeout(ms, redis.connect(), `No node of the cluster answered within ${ms} ms`);
}

/** Whether all connected servers still answer. */
async function answers(redis: RedisClient): Promise<boolean> {
  const pings = primariesOf(redis).flatMap((server) => (server.status === 'ready' ? server.ping() : []));
  return withTimeout(PING_MS, Promise.all(pings), 'An idle connection is dead').then(
    () => true,
    () => false,
  );
}
