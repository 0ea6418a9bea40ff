import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { endOfValue, readValue, type Value, writeCommand } from './resp.ts';

/** A connection to a redis-server that hands over bytes as they are, one request after the other. */
export class RawConnection {
  #received: Buffer[] = [];
  #waiting: { resolve(reply: Buffer): void; reject(error: Error): void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.#waiting?.reject(new Error('The redis-server closed the connection')));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends a request. @returns the reply, as bytes */
  send(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  /** Sends a command. @returns the reply; throws where it is an error */
  async command(...parts: readonly (string | number | Buffer)[]): Promise<Value> {
    const value = readValue(await this.send(writeCommand(parts)));
    if (value instanceof Error) throw new Error(`${parts[0]}: ${value.message}`);
    return value;
  }

  close(): void {
    this.#waiting = undefined;
    this.socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received.push(bytes);
    const all = this.#received.length === 1 ? bytes : Buffer.concat(this.#received);
    if (endOfValue(all) === undefined) return;
    this.#received = [];
    this.#waiting?.resolve(all);
  }
}
