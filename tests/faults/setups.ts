import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import { startReplica } from '../support/replica.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';

/** A Redis that loses some of its data. */
export type FallibleRedis = {
  readonly port: number;
  /** Loses data. @returns the port of the Redis that is there from then on */
  fail(): Promise<number>;
  stop(): Promise<void>;
};

/** Ways to lose data, by name. */
export const SETUPS: Readonly<Record<string, () => Promise<FallibleRedis>>> = {
  // As between two zones of a region, and when the network or the replica is slow.
  'a replica takes over that is 1 ms behind': () => startWithReplica(1),
  'a replica takes over that is 50 ms behind': () => startWithReplica(50),
  'AOF everysec, the process is killed': () => startWithDisk({ appendonly: 'yes', appendfsync: 'everysec' }, false),
  'a snapshot is loaded': () => startWithDisk({}, true),
  FLUSHALL: startFlushed,
};

/** @param behindMs time that a packet takes to the replica, in milliseconds */
async function startWithReplica(behindMs: number): Promise<FallibleRedis> {
  const primary = await startRedisServer();
  const network = await startTcpProxy(primary.port, (bytes, to) => setTimeout(() => to.write(bytes), behindMs));
  const replica = await startReplica(primary, network.port);
  return {
    port: primary.port,
    async fail() {
      // Packets that are on their way are lost with the machine.
      await Promise.all([killed(primary), network.stop()]);
      await call(replica, (redis) => redis.call('REPLICAOF', 'NO', 'ONE'));
      return replica.port;
    },
    stop: async () => void (await Promise.all([primary.stop(), replica.stop()])),
  };
}

/** @param withSnapshot whether there is a snapshot, of the moment before the last 50 ms */
async function startWithDisk(settings: Record<string, string>, withSnapshot: boolean): Promise<FallibleRedis> {
  let server = await startRedisServer({ settings });
  return {
    port: server.port,
    async fail() {
      if (withSnapshot) {
        await call(server, (redis) => redis.save());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { port, directory } = server;
      await killed(server);
      server = await startRedisServer({ settings, port, directory });
      return port;
    },
    stop: () => server.stop(),
  };
}

async function startFlushed(): Promise<FallibleRedis> {
  const server = await startRedisServer();
  return {
    port: server.port,
    async fail() {
      await call(server, (redis) => redis.flushall());
      return server.port;
    },
    stop: () => server.stop(),
  };
}

async function killed({ pid, ended }: RedisServer): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await ended;
}

async function call(server: RedisServer, run: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(server.url);
  await run(redis).finally(() => redis.disconnect());
}
