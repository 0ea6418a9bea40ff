import { connect, createServer, type Socket } from 'node:net';

/** A TCP endpoint that leads new connections to another server on demand, as a name does after a failover. */
export type TcpProxy = {
  readonly port: number;
  /** Where new connections lead from now on; those that are open stay where they are. */
  leadTo(port: number): void;
  /** Loses the connections that are open: ends or resets them, or lets them lead nowhere, as a network that forgot them. */
  lose(how: 'closed' | 'reset' | 'silent'): void;
  stop(): Promise<void>;
};

/** Hands the bytes of a packet on, in whatever way; without one, all of them at once. */
export type Pass = (bytes: Buffer, to: Socket) => void;

/** Starts one on a free port of this machine. */
export async function startTcpProxy(target: number, pass?: Pass): Promise<TcpProxy> {
  let port = target;
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((from) => {
    clients.add(from);
    const to = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(socket);
        other.destroy();
      });
      if (pass) socket.on('data', (bytes) => pass(bytes, other));
      else socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return {
    port: address.port,
    leadTo: (next) => {
      port = next;
    },
    lose: (how) => {
      for (const client of clients) {
        if (how === 'silent') client.unpipe().resume();
        // A socket that is reset while it ends stays open, and then this process never ends (Node.js 20).
        else if (how === 'closed' || client.writableEnded) client.destroy();
        else client.resetAndDestroy();
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
