import { Redis } from 'ioredis';

/** Time limits of a connection, in milliseconds. */
export type RedisLimits = { readonly connectMs: number; readonly commandMs: number };

/**
 * One connection for the life of a Lambda container. It fails fast and never repeats a command by itself: trying again
 * is up to the queue, or to the caller of the API.
 */
export class RedisConnection {
  #current: { readonly redis: Redis; readonly connected: Promise<Redis> } | undefined;

  /** @param url `redis://` or, with TLS, `rediss://` */
  constructor(
    private readonly url: string,
    private readonly limits: RedisLimits,
    private readonly prepare: (redis: Redis) => void = () => {},
  ) {}

  /**
   * The connected client; the first call, and the first after a connection was lost, connects.
   *
   * @throws an error whose cause tells why Redis cannot be reached
   */
  open(): Promise<Redis> {
    this.#current ??= this.#connect();
    return this.#current.connected;
  }

  /**
   * Gives a client up after a command failed: after a failover, or a command that timed out, its connection may lead to
   * the wrong server or to none.
   */
  drop(redis: Redis): void {
    redis.disconnect();
    this.#forget(redis);
  }

  /** The end of a client may come late, when the next one is in use already. */
  #forget(redis: Redis): void {
    if (this.#current?.redis === redis) this.#current = undefined;
  }

  #connect(): { redis: Redis; connected: Promise<Redis> } {
    const redis = new Redis(this.url, {
      lazyConnect: true,
      connectTimeout: this.limits.connectMs,
      commandTimeout: this.limits.commandMs,
      // A restarting Redis answers LOADING itself; waiting for it here would outlive the invocation.
      enableReadyCheck: false,
      enableOfflineQueue: false,
      // ioredis would wait for the answers to CLIENT SETINFO: a round trip more, and on a Redis that hangs a timeout more.
      disableClientInfo: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    this.prepare(redis);
    // ioredis tells why it could not connect in this event alone; it prints what has no listener.
    let cause: unknown;
    redis.on('error', (error) => {
      cause = error;
    });
    redis.once('end', () => this.#forget(redis));
    const connected = redis.connect().then(
      () => redis,
      (error: unknown) => {
        this.drop(redis);
        throw new Error('Redis cannot be reached', { cause: cause ?? error });
      },
    );
    return { redis, connected };
  }
}
