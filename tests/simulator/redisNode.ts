import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { type Clock, startClock } from '../support/clock.ts';
import { RawConnection } from './rawConnection.ts';
import { readValue, type Value, writeCommand } from './resp.ts';

/** What a redis-server of the simulation is started with, besides what all have. */
export type NodeSettings = Readonly<Record<string, string | number>>;

const SETTINGS: NodeSettings = {
  // What the clock of the simulation does must not part replicas from their primary.
  'repl-timeout': 2_000_000_000,
  'repl-diskless-sync-delay': 0,
  'enable-debug-command': 'yes',
  // In the simulation a process dies, never the machine.
  appendfsync: 'no',
  // One server serves many schedules: their writes together must not set it off within one of them.
  'auto-aof-rewrite-percentage': 0,
};

/**
 * A real redis-server, whose clock stands still but where the simulation moves it. One server serves many schedules.
 */
export class RedisNode {
  /** How far its clock is ahead of the right time, in milliseconds. */
  clockOffset = 0;
  /** `hung`: it takes requests, and answers them once it is up again. */
  state: 'up' | 'down' | 'hung' | 'loading' = 'up';
  /** The server whose replica it is. */
  source: RedisNode | undefined;
  /** Whether its primary no longer reaches it, until it follows or takes over. */
  isCutOff = false;
  #mayEnd = false;
  #clockAt = 0;
  /** Length of the append-only file when the schedule began. */
  #fileStart = 0;

  private constructor(
    readonly name: string,
    private readonly settings: NodeSettings,
    private readonly clock: Clock,
    private server: RedisServer,
    private control: RawConnection,
  ) {
    this.#watch();
  }

  static async start(name: string, settings: NodeSettings = {}): Promise<RedisNode> {
    const clock = await startClock();
    const all = { ...SETTINGS, ...settings };
    const server = await startRedisServer({ settings: all, environment: clock.environment });
    const control = await RawConnection.open(server.port);
    // When a key expires must not depend on how long the simulation takes.
    await control.command('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
    return new RedisNode(name, all, clock, server, control);
  }

  /** A server that ends by itself would look like an outage that no fault explains. */
  #watch(): void {
    const { ended } = this.server;
    this.#mayEnd = false;
    ended.then(() => {
      if (this.#mayEnd) return;
      console.error(`The redis-server of ${this.name} has ended by itself`);
      process.exit(1);
    });
  }

  get port(): number {
    return this.server.port;
  }

  /** Sets its clock to the time of the simulation. */
  setTime(now: number): void {
    const time = Math.floor(now + this.clockOffset);
    if (time === this.#clockAt) return;
    this.#clockAt = time;
    this.clock.hold(time);
  }

  /** What its clock shows, in milliseconds since 1970. */
  get time(): number {
    return this.#clockAt;
  }

  /** A command of the simulation's own. */
  command(...parts: readonly (string | number | Buffer)[]): Promise<Value> {
    return this.control.command(...parts);
  }

  /** The value of a key, as RESTORE takes it; undefined where there is none. */
  async dump(key: string): Promise<Buffer | undefined> {
    const value = readValue(await this.control.send(writeCommand(['DUMP', key])), true);
    return Buffer.isBuffer(value) ? value : undefined;
  }

  /** Waits, in real time, until it has all that its source has. */
  async synced(): Promise<void> {
    const { source } = this;
    while (source) {
      const [given, got] = [await source.command('INFO', 'replication'), await this.command('INFO', 'replication')];
      const offset = /master_repl_offset:(\d+)/.exec(`${given}`)?.[1];
      const copied = /slave_repl_offset:(\d+)/.exec(`${got}`)?.[1];
      if (offset === copied && `${got}`.includes('master_link_status:up')) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Makes it a replica, or a primary again. */
  async follow(source: RedisNode | undefined): Promise<void> {
    this.source = source;
    this.isCutOff = false;
    await (source ? this.command('REPLICAOF', '127.0.0.1', source.port) : this.command('REPLICAOF', 'NO', 'ONE'));
  }

  /** It gets nothing more from its source, and does not know: it stays a replica, which takes no writes. */
  async cutOff(): Promise<void> {
    this.source = undefined;
    this.isCutOff = true;
    await this.command('REPLICAOF', '127.0.0.1', 1);
  }

  connect(): Promise<RawConnection> {
    return RawConnection.open(this.server.port);
  }

  /** Empties it, and takes back all that faults have done to it. */
  async reset(now: number): Promise<void> {
    this.clockOffset = 0;
    this.source = undefined;
    this.isCutOff = false;
    this.state = 'up';
    this.setTime(now);
    // A schedule that failed was left in the middle of a fault.
    await this.command('CONFIG', 'SET', 'maxmemory', 0, 'min-replicas-to-write', 0);
    await this.command('FLUSHALL');
    await this.command('SCRIPT', 'FLUSH');
    this.#fileStart = this.fileLength();
  }

  /** Length of its append-only file: what it has written down of all that it did. */
  fileLength(): number {
    return this.settings.appendonly === 'yes' ? statSync(this.#file).size : 0;
  }

  /**
   * Dies at once, and starts again with what the append-only file held up to a length.
   *
   * @returns by how much the file is shorter at its beginning
   */
  async killAndRestart(fileLength: number): Promise<number> {
    const cutOff = this.#fileStart;
    const { port, directory, pid, ended } = this.server;
    this.control.close();
    this.#mayEnd = true;
    process.kill(pid, 'SIGKILL');
    await ended;
    writeFileSync(this.#file, readFileSync(this.#file).subarray(this.#fileStart, fileLength));
    this.#fileStart = 0;
    this.server = await startRedisServer({
      settings: this.settings,
      port,
      directory,
      environment: this.clock.environment,
    });
    this.#watch();
    this.control = await RawConnection.open(port);
    await this.command('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
    return cutOff;
  }

  async stop(): Promise<void> {
    this.control.close();
    this.#mayEnd = true;
    await this.server.stop();
    this.clock.remove();
  }

  get #file(): string {
    const directory = join(this.server.directory, 'appendonlydir');
    const name = readdirSync(directory).find((file) => file.endsWith('.incr.aof'));
    return join(directory, name ?? '');
  }
}
