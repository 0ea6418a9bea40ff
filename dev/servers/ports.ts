import { createServer } from 'node:net';
import getPort from 'get-port';

const HOST = '127.0.0.1';

/** Distance from a port to the port that reserves it. */
const CLAIM = 20_000;

/**
 * Reserves the first free port. Two `npm start` that begin together would both find it free, because they listen on it only
 * seconds later. So each immediately listens on a second port, which marks the first as taken while it runs.
 *
 * @throws an error when none is left
 */
export async function claimPort(ports: Iterable<number>): Promise<number> {
  return listenOnFirst(ports, async (port) => {
    const claim = createServer((socket) => socket.destroy()).unref();
    await new Promise<void>((resolve, reject) => {
      claim.once('error', reject);
      claim.listen(port + CLAIM, HOST, resolve);
    });
    if (await isFree(port)) return;
    claim.close();
    throw Object.assign(new Error(`Port ${port} is taken`), { code: 'EADDRINUSE' });
  });
}

export const isFree = async (port: number): Promise<boolean> => (await getPort({ host: HOST, port })) === port;

/**
 * Listens on the first free port.
 *
 * @param listen rejects with EADDRINUSE where the port is taken
 * @throws the error of the last port when none is free, and any other error
 */
export async function listenOnFirst(
  ports: Iterable<number>,
  listen: (port: number) => PromiseLike<unknown>,
): Promise<number> {
  let taken: unknown = new RangeError('There is no port to listen on');
  for (const port of ports) {
    try {
      await listen(port);
      return port;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      taken = error;
    }
  }
  throw taken;
}
