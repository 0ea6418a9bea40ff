import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Confirmation } from '../../lib/stats/confirm.ts';
import { type RedisServer, startRedisServer } from '../../scripts/shared/redisServer.ts';
import { startTcpProxy } from '../support/tcpProxy.ts';
import { LostMachine } from './machine.ts';

/** A Redis with what is to take over when it dies. */
export type Setup = {
  readonly name: string;
  /** What the worker waits for. */
  readonly confirmation?: Confirmation;
  /** Longest life of the primary, in milliseconds. */
  readonly longestLifeMs: number;
  start(): Promise<Running>;
};

/** A primary that runs. */
type Running = {
  readonly url: string;
  /** Kills the primary. @returns the URL of what takes over */
  kill(): Promise<string>;
  stop(): Promise<void>;
};

/** Time that a packet takes to the replica, in milliseconds: as between two zones of a region. */
const TO_REPLICA_MS = 1;

/** All set-ups whose losses are measured. */
export const SETUPS: readonly Setup[] = [
  withFile('AOF everysec, the process dies', { appendfsync: 'everysec', lost: 'process', longestLifeMs: 300 }),
  withFile('AOF everysec, the machine dies', { appendfsync: 'everysec', lost: 'machine', longestLifeMs: 1500 }),
  withFile('AOF always, the machine dies', { appendfsync: 'always', lost: 'machine', longestLifeMs: 300 }),
  withFile('AOF everysec, the machine dies, confirm: disk', {
    appendfsync: 'everysec',
    lost: 'machine',
    longestLifeMs: 1500,
    confirmation: 'disk',
  }),
  withReplica('a replica takes over', {}),
  withReplica('a replica takes over, min-replicas-to-write 1', { 'min-replicas-to-write': 1 }),
  withReplica('a replica takes over, confirm: replica', {}, 'replica'),
];

type FileOptions = {
  readonly appendfsync: string;
  readonly lost: 'process' | 'machine';
  readonly longestLifeMs: number;
  readonly confirmation?: Confirmation;
};

function withFile(name: string, { appendfsync, lost, ...setup }: FileOptions): Setup {
  const settings = { appendonly: 'yes', appendfsync };
  const start = async (): Promise<Running> => {
    const machine = lost === 'machine' ? new LostMachine() : undefined;
    let server = await startRedisServer({ settings, environment: machine?.environment ?? {} });
    return {
      url: server.url,
      async kill() {
        const { port, directory } = server;
        await killed(server);
        machine?.forgetWhatIsNotOnDisk(directory);
        server = await startRedisServer({ settings, port, directory });
        return server.url;
      },
      async stop() {
        await server.stop();
        machine?.remove();
      },
    };
  };
  return { name, ...setup, start };
}

function withReplica(name: string, settings: Readonly<Record<string, number>>, confirmation?: Confirmation): Setup {
  const start = async (): Promise<Running> => {
    // A replica gets its data, and is known to have it, without waiting for the timers of Redis.
    const timers = { 'repl-diskless-sync-delay': 0, hz: 500 };
    const primary = await startRedisServer({ settings: { ...timers, ...settings } });
    const network = await startTcpProxy(primary.port, TO_REPLICA_MS);
    const replica = await startRedisServer({ settings: { ...timers, replicaof: `127.0.0.1 ${network.port}` } });
    const [ofPrimary, ofReplica] = [new Redis(primary.url), new Redis(replica.url)];
    ofPrimary.on('error', () => {});
    while (!(await ofPrimary.info('replication')).includes('state=online')) await sleep(5);
    return {
      url: primary.url,
      async kill() {
        // Packets that are on their way are lost with the machine.
        const gone = network.stop();
        await Promise.all([killed(primary), gone]);
        await ofReplica.call('REPLICAOF', 'NO', 'ONE');
        return replica.url;
      },
      async stop() {
        for (const redis of [ofPrimary, ofReplica]) redis.disconnect();
        await Promise.all([primary.stop(), replica.stop()]);
      },
    };
  };
  return { name, ...(confirmation && { confirmation }), longestLifeMs: 300, start };
}

async function killed({ pid, ended }: RedisServer): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await ended;
}
