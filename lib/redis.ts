import { Redis } from 'ioredis';
import { newRedisClient, type RedisClient, type RedisLimits } from './redisClient.ts';
import { within } from './within.ts';

/**
 * One connection for the life of a Lambda container: to a Redis, or to the nodes of a Redis Cluster. It fails fast and
 * never repeats a command by itself, but where another node of a cluster is the right one: trying again is up to the
 * queue, or to the caller of the API.
 */
export class RedisConnection {
  #current: { readonly redis: RedisClient; readonly connected: Promise<RedisClient> } | undefined;
  #lastOpened = 0;

  /** @param url `redis://`, `redis+cluster://` or, with TLS, `rediss://`, `rediss+cluster://` */
  constructor(
    private readonly url: string,
    private readonly limits: RedisLimits,
    private readonly prepare: (redis: RedisClient) => void = () => {},
  ) {}

  /**
   * The connected client. It connects at the first call, at the first after a connection was lost, and after a pause that
   * is longer than any use of a client: while its container was frozen, a server may have closed the connection, or a
   * network forgotten it.
   *
   * @throws an error whose cause tells why Redis cannot be reached
   */
  open(): Promise<RedisClient> {
    const now = Date.now();
    const { connectMs, commandMs } = this.limits;
    if (this.#current && now - this.#lastOpened > 3 * (connectMs + commandMs)) this.drop(this.#current.redis);
    this.#lastOpened = now;
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

  /** The end of a client may come late, when the next one is in use already. */
  #forget(redis: RedisClient): void {
    if (this.#current?.redis === redis) this.#current = undefined;
  }

  #connect(): { redis: RedisClient; connected: Promise<RedisClient> } {
    const redis = newRedisClient(this.url, this.limits);
    this.prepare(redis);
    // ioredis tells why it could not connect in these events alone; it prints an error that has no listener.
    let cause: unknown;
    redis.on('error', (error) => {
      cause ??= error;
    });
    redis.on('node error', (error) => {
      cause ??= error;
    });
    redis.once('end', () => this.#forget(redis));
    const connected = connect(redis, this.limits.connectMs).then(
      () => redis,
      (error: unknown) => {
        this.drop(redis);
        throw new Error('Redis cannot be reached', { cause: cause ?? error });
      },
    );
    return { redis, connected };
  }
}

/** Finding the nodes of a cluster takes many steps, each within its own limit: this one is for all of them. */
const connect = (redis: RedisClient, ms: number): Promise<void> =>
  redis instanceof Redis
    ? redis.connect()
    : within(ms, redis.connect(), `No node of the cluster answered within ${ms} ms`);
