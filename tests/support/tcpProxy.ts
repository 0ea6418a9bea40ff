import { connect, createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

/** A TCP server in front of another one. Tests redirect its connections, or break them. */
export type TcpProxy = {
  readonly port: number;
  /** Redirects new connections, like a DNS name after a failover. Open connections keep their server. */
  leadTo(port: number): void;
  /** Breaks the open connections: closes or resets them, or drops what clients send, like a network that forgot them. */
  lose(how: 'closed' | 'reset' | 'silent'): void;
  /** Starts or stops dropping all replies. Commands still arrive. */
  dropReplies(isOn: boolean): void;
  stop(): Promise<void>;
};

/** Passes on the bytes of a packet; by default all at once. */
export type Pass = (bytes: Buffer, to: Socket) => void;

/** Starts a proxy on a free port of this machine. */
export async function startTcpProxy(target: number, pass?: Pass): Promise<TcpProxy> {
  let targetPort = target;
  let areRepliesDropped = false;
  const upstreams = new Map<Socket, Socket>();
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    upstreams.set(client, upstream);
    client.on('close', () => upstreams.delete(client));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
      if (pass) socket.on('data', (bytes) => pass(bytes, other));
      else if (socket === upstream && areRepliesDropped) socket.resume();
      else socket.pipe(other);
    }
  });
  return {
    port: await listen(server),
    leadTo(port) {
      targetPort = port;
    },
    lose(how) {
      for (const client of upstreams.keys()) {
        if (how === 'silent') client.unpipe().resume();
        // On Node.js 20, a socket that is reset while it ends stays open and keeps this process running.
        else if (how === 'closed' || client.writableEnded) client.destroy();
        else client.resetAndDestroy();
      }
    },
    dropReplies(isOn) {
      areRepliesDropped = isOn;
      for (const [client, upstream] of upstreams) {
        if (isOn) upstream.unpipe().resume();
        else upstream.pipe(client);
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const [client, upstream] of upstreams) for (const socket of [client, upstream]) socket.destroy();
      }),
  };
}
