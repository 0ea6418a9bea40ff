import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { type Clock, HOUR } from '../support/clock.ts';
import { LEDGER_PERIOD } from '../support/ledgerPeriod.ts';

/** Longer than workers of a trial wait for Redis, in milliseconds. */
const HANG_MS = 120;

/** A Redis that things happen to. */
export class FragileRedis {
  private constructor(
    private server: RedisServer,
    private readonly clock: Clock | undefined,
    /** Past all faults but the server's death. */
    public redis: Redis,
  ) {}

  /** Starts one that has on disk whatever it has confirmed, with a clock of its own for the faults that move it. */
  static async start(clock?: Clock): Promise<FragileRedis> {
    const server = await startRedisServer({ settings: DURABLE, environment: clock?.environment ?? {} });
    return new FragileRedis(server, clock, new Redis(server.url));
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
    const environment = this.clock?.environment ?? {};
    this.server = await startRedisServer({ settings: DURABLE, port, directory, environment });
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

  /** Its clock runs across the next border of ledger periods. */
  async crossBorder(): Promise<void> {
    const border = (Math.floor(this.ownClock.now() / LEDGER_PERIOD) + 1) * LEDGER_PERIOD;
    this.ownClock.set(border - 2);
  }

  /** Its clock goes back an hour. */
  async turnBack(): Promise<void> {
    this.ownClock.moveBy(-HOUR);
  }

  /** Holds nothing, and its clock is right again. */
  async clear(): Promise<void> {
    await this.redis.flushall();
    this.clock?.set(Date.now());
  }

  async stop(): Promise<void> {
    this.redis.disconnect();
    await this.server.stop();
    this.clock?.remove();
  }

  private get ownClock(): Clock {
    if (!this.clock) throw new Error('This Redis has no clock of its own: start it with one');
    return this.clock;
  }
}

const DURABLE = { appendonly: 'yes', appendfsync: 'always' };

/** Each of them ends without help. */
export const FAULTS = [
  'kill',
  'hang',
  'demote',
  'fillUp',
  'cutConnections',
  'forgetScripts',
  'crossBorder',
  'turnBack',
] as const;
