import { startTcpProxy } from '../../tests/support/tcpProxy.ts';

/** Something that happens in the middle of a packet. */
export type Interruption = {
  /** Which packet, in either direction, counted from 1. */
  readonly packet: number;
  /** Which part of the packet arrives before, from 0 to 1. Unless it is all of it, nothing arrives afterwards. */
  readonly part: number;
  run(): void;
};

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

/**
 * Starts a proxy between a container and Redis, which interrupts their packets.
 *
 * @param redisPort port of Redis
 */
export async function startFaultProxy(redisPort: number) {
  let interruption: Interruption | undefined;
  let seen = 0;
  let isInterrupted = false;
  const proxy = await startTcpProxy(redisPort, (bytes, to) => {
    if (isInterrupted) return;
    seen += 1;
    if (!interruption || seen !== interruption.packet) {
      to.write(bytes);
      return;
    }
    const { part, run } = interruption;
    interruption = undefined;
    isInterrupted = part < 1;
    to.write(bytes.subarray(0, Math.floor(bytes.length * part)), () => {
      run();
      isInterrupted = false;
    });
  });
  return {
    port: proxy.port,
    /** Interrupts once, counting packets from now on; undefined: no more. */
    interruptAt(next: Interruption | undefined) {
      seen = 0;
      interruption = next;
    },
    /** Whether the interruption has not happened yet. */
    isArmed: () => interruption !== undefined,
    /** Resets all connections. */
    cut: () => proxy.lose('reset'),
    stop: proxy.stop,
  };
}
