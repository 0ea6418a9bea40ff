import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Something that happens in the middle of a packet. */
export type Interruption = {
  /** Which packet, in either direction, counted from 1. */
  readonly packet: number;
  /** Which part of it arrives before, from 0 to 1. Where that is not all of it, nothing arrives after it. */
  readonly part: number;
  run(): void;
};

/** Stands between a container and Redis, and interrupts it at a packet. */
export class FaultProxy {
  #seen = 0;
  #interruption: Interruption | undefined;
  #isInterrupted = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(target: number): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
    const proxy = new FaultProxy(server, address.port);
    server.on('connection', (from) => proxy.#join(from, connect(target, '127.0.0.1')));
    return proxy;
  }

  /** Interrupts once, counting packets from now on; undefined: no more. */
  interruptAt(interruption: Interruption | undefined): void {
    this.#seen = 0;
    this.#interruption = interruption;
  }

  /** Whether the interruption is still to come. */
  get isArmed(): boolean {
    return this.#interruption !== undefined;
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stop(): void {
    this.server.close();
    this.cut();
  }

  #join(from: Socket, to: Socket): void {
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (bytes) => this.#pass(bytes, other));
    }
  }

  #pass(bytes: Buffer, to: Socket): void {
    if (this.#isInterrupted) return;
    this.#seen += 1;
    const interruption = this.#interruption;
    if (this.#seen !== interruption?.packet) {
      to.write(bytes);
      return;
    }
    this.#interruption = undefined;
    this.#isInterrupted = interruption.part < 1;
    to.write(bytes.subarray(0, Math.floor(bytes.length * interruption.part)), () => {
      interruption.run();
      this.#isInterrupted = false;
    });
  }
}
