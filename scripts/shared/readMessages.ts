import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import * as v from 'valibot';
import { inflateIfGzip } from './inflate.ts';
import type { OutgoingMessage } from './message.ts';

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
): AsyncGenerator<OutgoingMessage> {
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

/** A line of an archive, which no order looks like. */
const ArchiveLine = v.object({ messageId: v.string(), sentAt: v.string(), kind: v.string(), body: v.string() });

/** The body of the message that a line of an archive holds; undefined for any other line. */
function archivedBody(line: unknown): string | undefined {
  return v.is(ArchiveLine, line) ? line.body : undefined;
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

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A line without its line break; without bytes when it is longer than allowed. */
export type Line = { readonly number: number; readonly bytes: Buffer | undefined };

/**
 * Cuts data into lines, numbered from 1. Breaks are LF or CRLF; a byte order mark at the start is left out.
 * Where `pieces` throws, the line it was in the middle of is not given out.
 *
 * @param longest - bytes a line may have: no more than that is kept in memory
 */
export async function* splitLines(pieces: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line> {
  const line = makeLineBuffer(longest);
  let number = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      line.add(piece.subarray(start, end));
      yield { number: ++number, bytes: trim(line.take(), number) };
      start = end + 1;
    }
    line.add(piece.subarray(start));
  }
  const last = line.take();
  if (last === undefined || last.length > 0) yield { number: ++number, bytes: trim(last, number) };
}

/** Puts together a line that comes in several pieces. */
function makeLineBuffer(longest: number) {
  let pieces: Buffer[] = [];
  let length = 0;
  return {
    add(piece: Buffer): void {
      length += piece.length;
      if (length > longest) pieces = [];
      else pieces.push(piece);
    },
    /** The line so far, and begins a new one. */
    take(): Buffer | undefined {
      const [only] = pieces;
      const bytes = length > longest ? undefined : pieces.length === 1 && only ? only : Buffer.concat(pieces);
      pieces = [];
      length = 0;
      return bytes;
    },
  };
}

function trim(bytes: Buffer | undefined, number: number): Buffer | undefined {
  const hasMark = number === 1 && bytes?.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const hasReturn = bytes?.at(-1) === CARRIAGE_RETURN;
  return bytes?.subarray(hasMark ? BYTE_ORDER_MARK.length : 0, hasReturn ? -1 : undefined);
}
