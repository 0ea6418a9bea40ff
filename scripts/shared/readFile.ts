import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { archivedBody } from '../dlq/archive.ts';
import { inflateIfGzip } from './inflate.ts';
import { splitLines } from './lines.ts';
import type { Message } from './message.ts';

/** Longest line to keep in memory, in bytes. SQS takes 1 MiB: what it does not take it says itself. */
const LONGEST_LINE = 4 * 1024 * 1024;

const ONE_ARRAY =
  "line 1 is an array, where each line must be one order: jq -c '.[]' orders.json > orders.jsonl makes such a file";

/** What to report while a file is read. */
export type FileEvents = {
  /** Bytes of the file read since the last call. */
  onBytes(bytes: number): void;
  /** A line that is no message, and what it is instead. */
  onMalformed(line: number, what: string): void;
  /** The file could not be read to its end. */
  onFailure(error: unknown): void;
};

/**
 * Reads an open file of messages, one a line, plain or gzip, and closes it. Every line that is JSON is a message,
 * unchanged, but for a line of an archive, which holds one in its `body`; empty lines are left out. The file is read as
 * fast as its messages are taken. Never throws: what is wrong with the file is reported to `events`.
 *
 * @param isNamedGzip - whether its name says that it is gzip; without that its first bytes decide
 */
export async function* readMessages(
  file: FileHandle,
  isNamedGzip: boolean,
  events: FileEvents,
): AsyncGenerator<Message> {
  try {
    for await (const { number, bytes } of splitLines(
      inflateIfGzip(readPieces(file, events), isNamedGzip),
      LONGEST_LINE,
    )) {
      if (!bytes) {
        events.onMalformed(number, 'longer than 4 MiB, far more than SQS takes');
      } else if (!isUtf8(bytes)) {
        events.onMalformed(number, 'not text in UTF-8');
      } else {
        const text = bytes.toString();
        if (number === 1 && text.trimStart().startsWith('[')) throw new Error(ONE_ARRAY);
        const parsed = parseJson(text);
        if (parsed) {
          const body = archivedBody(parsed.value) ?? text;
          yield { number, body, bytes: Buffer.byteLength(body), kind: 'unknown', orders: 0, cents: 0 };
        } else if (text.trim()) {
          events.onMalformed(number, 'not JSON');
        }
      }
    }
  } catch (error) {
    events.onFailure(error);
  }
}

async function* readPieces(file: FileHandle, events: FileEvents): AsyncGenerator<Buffer> {
  for await (const piece of file.createReadStream()) {
    events.onBytes(piece.length);
    yield piece;
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
