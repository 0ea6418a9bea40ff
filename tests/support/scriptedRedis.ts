import { createServer, type Socket } from 'node:net';
import { endOfValue, readValue } from '../simulator/resp.ts';
import { listen } from './listen.ts';

/** A reply in RESP; undefined for none, `close` to close the connection instead. */
type Reply = string | undefined | { readonly close: true };

/** A server that answers as a test tells it to, for behaviour that a real Redis cannot be made to show. */
export type ScriptedRedis = {
  readonly port: number;
  /** All commands received, each after the number of its connection, from 0: `0: get key`. */
  readonly commands: readonly string[];
  stop(): void;
};

/**
 * Starts a scripted Redis on a free port of this machine.
 *
 * @param reply - answers a command, such as `get key`, at once or later
 * @param host - where it listens
 */
export async function startScriptedRedis(
  reply: (command: string, port: number) => Reply | Promise<Reply>,
  host = '127.0.0.1',
): Promise<ScriptedRedis> {
  const commands: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    let bytes = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      for (let end = endOfValue(bytes); end !== undefined && bytes.length > 0; end = endOfValue(bytes)) {
        const command = [readValue(bytes.subarray(0, end))].flat().join(' ');
        bytes = bytes.subarray(end);
        commands.push(`${connection}: ${command}`);
        void Promise.resolve(reply(command, port)).then((answer) => {
          if (typeof answer === 'string') socket.write(answer);
          else if (answer) socket.destroy();
        });
      }
    });
  });
  const port = await listen(server, host);
  return {
    port,
    commands,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The counting script's reply with these verdicts, one letter per order. */
export const countingReply = (letters: string): string => `*2\r\n$${letters.length}\r\n${letters}\r\n*0\r\n`;

/** The reply to CLUSTER SLOTS if one node has all slots. */
export const allSlotsAt = (port: number, host = '127.0.0.1'): string => `*1\r\n${rangeAt(0, 16_383, port, host)}`;

/** The reply to CLUSTER SLOTS if one node has the first slots and another node all others. */
export const slotsAt = (first: number, other: number): string =>
  `*2\r\n${rangeAt(0, 100, first)}${rangeAt(101, 16_383, other)}`;

const rangeAt = (first: number, last: number, port: number, host = '127.0.0.1'): string =>
  `*3\r\n:${first}\r\n:${last}\r\n*2\r\n$${host.length}\r\n${host}\r\n:${port}\r\n`;
