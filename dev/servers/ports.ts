import { createServer } from 'node:net';
import getPort from 'get-port';

const HOST = '127.0.0.1';

/** How far above a port the one is that says it is taken. */
const CLAIM = 20_000;

/**
 * The first of some ports that is free, and that no other `npm start` takes: two that start at the same moment would both
 * find it free, as it is only listened on seconds later. So each listens at once on another port in its place, for as
 * long as it runs.
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

/** Whether nothing listens on a port. */
export const isFree = async (port: number): Promise<boolean> => (await getPort({ host: HOST, port })) === port;

/**
 * Listens on the first of some ports that is free.
 *
 * @param listen rejects with EADDRINUSE where it is not
 * @returns that port
 * @throws the error of the last one when none is left, and any other error
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
