import { connect, createServer, type Socket } from 'node:net';

/** A way to Redis that lets every command through, but can keep the replies to itself. */
export type ReplyGate = {
  readonly url: string;
  /** From now on lets as many replies of each connection through, and holds the rest. */
  holdAfter(replies: number): void;
  stop(): Promise<void>;
};

/**
 * Starts a gate in front of a Redis on this machine. A chunk of bytes counts as one reply: right where commands go one
 * by one, each after the reply to the last.
 */
export async function startReplyGate(redisPort: number): Promise<ReplyGate> {
  let allowed = Number.POSITIVE_INFINITY;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1');
    let replies = 0;
    client.pipe(redis);
    redis.on('data', (reply) => {
      if (replies++ < allowed) client.write(reply);
    });
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    holdAfter: (replies) => {
      allowed = replies;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
