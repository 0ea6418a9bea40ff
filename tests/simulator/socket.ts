import { Duplex } from 'node:stream';
import type { Actor, Cancel, World } from './world.ts';

/** The network's side of a socket that is connected. */
export type Wire = {
  send(bytes: Buffer): void;
  /** The client sends nothing more. */
  end(): void;
  /** The client has closed the socket. */
  close(): void;
};

/** A socket of the simulation, with as much of `net.Socket` as ioredis uses. */
export class SimulatedSocket extends Duplex {
  connecting = true;
  #wire: Wire | undefined;
  #cancelTimeout: Cancel | undefined;

  constructor(
    private readonly world: World,
    readonly actor: Actor,
  ) {
    super({ emitClose: true, allowHalfOpen: false });
  }

  /** The other end has accepted. */
  open(wire: Wire): void {
    this.#asActor(() => {
      if (this.destroyed) return wire.close();
      this.#wire = wire;
      this.connecting = false;
      this.emit('connect');
    });
  }

  /** Nobody listens at the other end. */
  refuse(): void {
    this.#asActor(() => this.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })));
  }

  /** Bytes arrive. */
  receive(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }

  /** The other end closes or resets the connection. */
  lose(how: 'closed' | 'reset'): void {
    if (this.destroyed) return;
    if (how === 'closed') this.push(null);
    else this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  /** As of `net.Socket`; only ioredis's use of it: the time that connecting may take. */
  setTimeout(ms: number, expired?: () => void): this {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    if (ms > 0 && expired) this.#cancelTimeout = this.world.after(ms, expired, { actor: this.actor, kind: 'timer' });
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _: string, done: () => void): void {
    this.#wire?.send(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.#wire?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire?.close();
    this.setTimeout(0);
    done(error);
  }

  #asActor(run: () => void): void {
    this.world.after(0, run, { actor: this.actor });
  }
}
