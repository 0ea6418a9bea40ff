import { createServer, type Socket } from 'node:net';
import { endOfValue, readValue } from '../simulator/resp.ts';
import { listen } from './listen.ts';

/** A reply in RESP; undefined for none, `close` to close the connection instead. */
type Reply = string | undefined | { readonly close: true };

/** A server that answers commands as a test wants, for what a real one cannot be made to do. */
export type ScriptedRedis = {
  readonly port: number;
  /** All commands that came, with the number of the connection from 0: `0: get key`. */
  readonly commands: readonly string[];
  stop(): void;
};

/**
 * Starts such a server on a free port of this machine.
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

/** What the counting script answers with these verdicts, a letter for each order. */
export const countingReply = (letters: string): string => `*2\r\n$${letters.length}\r\n${letters}\r\n*0\r\n`;

/** What CLUSTER SLOTS answers of a cluster whose slots are all at one node. */
export const allSlotsAt = (port: number, host = '127.0.0.1'): string => `*1\r\n${rangeAt(0, 16_383, port, host)}`;

/** What CLUSTER SLOTS answers of a cluster whose first slots are at one node, and all others at another one. */
export const slotsAt = (first: number, other: number): string =>
  `*2\r\n${rangeAt(0, 100, first)}${rangeAt(101, 16_383, other)}`;

const rangeAt = (first: number, last: number, port: number, host = '127.0.0.1'): string =>
  `*3\r\n:${first}\r\n:${last}\r\n*2\r\n$${host.length}\r\n${host}\r\n:${port}\r\n`;
