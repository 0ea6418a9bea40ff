import type { RawConnection } from './rawConnection.ts';
import { readValue, writeCommand } from './resp.ts';

/**
 * Answers `SCAN cursor COUNT n` with the next n keys in their order. A server gives them out by a hash whose seed it
 * chooses at its start: how many requests a scan takes would differ from server to server.
 */
export async function scan(server: RawConnection, request: Buffer): Promise<Buffer> {
  const [, cursor, , count] = [readValue(request)].flat().map(Number);
  const [start = 0, length = 10] = [cursor, count];
  const keys = [await server.command('KEYS', '*')].flat().map(String).sort();
  const next = start + length < keys.length ? `${start + length}` : '0';
  return Buffer.concat([
    Buffer.from(`*2\r\n$${next.length}\r\n${next}\r\n`),
    writeCommand(keys.slice(start, start + length)),
  ]);
}
