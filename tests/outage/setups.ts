import { Redis } from 'ioredis';
import { type RedisServer, startRedisServer } from '../../dev/servers/redisServer.ts';
import type { Confirmation } from '../../lib/counting/confirm.ts';
import { startReplica } from '../support/replica.ts';
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
  let machine: LostMachine | undefined;
  const start = async (): Promise<Running> => {
    if (lost === 'machine') machine ??= new LostMachine();
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
      stop: () => server.stop(),
    };
  };
  return { name, ...setup, start };
}

function withReplica(name: string, settings: Readonly<Record<string, number>>, confirmation?: Confirmation): Setup {
  const start = async (): Promise<Running> => {
    // So often it looks whether the replica has its data.
    const primary = await startRedisServer({ settings: { hz: 500, ...settings } });
    const network = await startTcpProxy(primary.port, (bytes, to) => setTimeout(() => to.write(bytes), TO_REPLICA_MS));
    const replica = await startReplica(primary, network.port);
    const redis = new Redis(replica.url);
    return {
      url: primary.url,
      async kill() {
        // Packets that are on their way are lost with the machine.
        const gone = network.stop();
        await Promise.all([killed(primary), gone]);
        await redis.call('REPLICAOF', 'NO', 'ONE');
        return replica.url;
      },
      async stop() {
        redis.disconnect();
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
