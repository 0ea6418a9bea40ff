import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';

/** Longer than workers of a trial wait for Redis, in milliseconds. */
const HANG_MS = 120;

const DURABLE = { appendonly: 'yes', appendfsync: 'always' };

/** A Redis with faults. Each of them ends without help. */
export class FragileRedis {
  private constructor(
    private server: RedisServer,
    /** Affected by no fault but the server's death. */
    public redis: Redis,
  ) {}

  /** Starts one that has on disk whatever it has confirmed. */
  static async start(): Promise<FragileRedis> {
    const server = await startRedisServer({ settings: DURABLE });
    return new FragileRedis(server, new Redis(server.url));
  }

  get url(): string {
    return this.server.url;
  }

  /** Dies at once and comes back with what is on disk. */
  async kill(): Promise<void> {
    const { port, directory, pid, ended } = this.server;
    this.redis.disconnect();
    process.kill(pid, 'SIGKILL');
    await ended;
    this.server = await startRedisServer({ settings: DURABLE, port, directory });
    this.redis = new Redis(this.server.url);
  }

  /** Hangs until workers have given up, then does what they had asked for. */
  async hang(): Promise<void> {
    process.kill(this.server.pid, 'SIGSTOP');
    await sleep(HANG_MS);
    process.kill(this.server.pid, 'SIGCONT');
  }

  /** Is demoted to a replica for a moment: READONLY. */
  async demote(): Promise<void> {
    await this.redis.replicaof('127.0.0.1', 1);
    await sleep(2);
    await this.redis.replicaof('NO', 'ONE');
  }

  /** Has no memory left for a moment: OOM. */
  async fillUp(): Promise<void> {
    await this.redis.config('SET', 'maxmemory', '1');
    await sleep(2);
    await this.redis.config('SET', 'maxmemory', '0');
  }

  /** Closes every connection but ours. */
  async cutConnections(): Promise<void> {
    await this.redis.client('KILL', 'TYPE', 'NORMAL');
  }

  /** Forgets the scripts, as after a failover. */
  async forgetScripts(): Promise<void> {
    await this.redis.script('FLUSH');
  }

  async stop(): Promise<void> {
    this.redis.disconnect();
    await this.server.stop();
  }
}
