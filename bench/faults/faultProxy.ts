import type { Socket } from 'node:net';
import { startTcpProxy, type TcpProxy } from '../../tests/support/tcpProxy.ts';

/** Something that happens in the middle of a packet. */
export type Interruption = {
  /** Which packet, in either direction, counted from 1. */
  readonly packet: number;
  /** Which part of it arrives before, from 0 to 1. Where that is not all of it, nothing arrives after it. */
  readonly part: number;
  run(): void;
};

/** Decides which packets of a proxy arrive, and interrupts it at one of them. */
class Interrupter {
  interruption: Interruption | undefined;
  seen = 0;
  #isInterrupted = false;

  pass(bytes: Buffer, to: Socket): void {
    if (this.#isInterrupted) return;
    this.seen += 1;
    const { interruption } = this;
    if (this.seen !== interruption?.packet) {
      to.write(bytes);
      return;
    }
    this.interruption = undefined;
    this.#isInterrupted = interruption.part < 1;
    to.write(bytes.subarray(0, Math.floor(bytes.length * interruption.part)), () => {
      interruption.run();
      this.#isInterrupted = false;
    });
  }
}

/** Stands between a container and Redis, and interrupts it at a packet. */
export class FaultProxy {
  private constructor(
    private readonly proxy: TcpProxy,
    private readonly interrupter: Interrupter,
  ) {}

  /** @param target port of Redis */
  static async start(target: number): Promise<FaultProxy> {
    const interrupter = new Interrupter();
    return new FaultProxy(await startTcpProxy(target, (bytes, to) => interrupter.pass(bytes, to)), interrupter);
  }

  get port(): number {
    return this.proxy.port;
  }

  /** Interrupts once, counting packets from now on; undefined: no more. */
  interruptAt(interruption: Interruption | undefined): void {
    this.interrupter.seen = 0;
    this.interrupter.interruption = interruption;
  }

  /** Whether the interruption is still to come. */
  get isArmed(): boolean {
    return this.interrupter.interruption !== undefined;
  }

  /** Ends all connections. */
  cut(): void {
    this.proxy.lose('reset');
  }

  stop(): Promise<void> {
    return this.proxy.stop();
  }
}
