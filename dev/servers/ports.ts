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
