import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { beginsWithObject, readFileStart } from './fileStart.ts';
import { inflateIfGzip } from './inflate.ts';
import { fromLine, type OutgoingMessage } from './message.ts';

/** Longest line to keep in memory, in bytes. SQS takes 1 MiB: what it does not take it says itself. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** What to report while a file is read. */
export type FileEvents = {
  /** Bytes of the file read since the last call. */
  onBytes(bytes: number): void;
  /** A line that is no message, and what it is instead. */
  onMalformed(line: number, what: string): void;
  /** The file holds no messages, or could not be read to its end. */
  onFailure(error: unknown): void;
};

/**
 * Reads an open file of messages, plain or gzip, and closes it. Every line that is a JSON object is a message, unchanged,
 * but for a line of an archive, which holds one in its `body`; empty lines are left out. A file that is one JSON object is
 * one message. The file is read as fast as its messages are taken. Never throws: what is wrong with the file is reported to
 * `events`.
 */
export async function* readMessages(file: FileHandle, events: FileEvents): AsyncGenerator<OutgoingMessage> {
  const pieces = inflateIfGzip(readPieces(file, events));
  try {
    const { bytes: start, isWhole } = await takeStart(pieces);
    const found = readFileStart(start, isWhole);
    if (found.kind === 'refused') throw new Error(found.why);
    if (found.kind === 'object') {
      yield toMessage(1, fromLine(found.text) ?? found.text);
      return;
    }
    for await (const { number, bytes } of splitLines(joined(start, pieces), LONGEST_LINE)) {
      const text = bytes?.toString();
      if (!bytes || text === undefined) {
        events.onMalformed(number, 'longer than 4 MiB, far more than SQS takes');
      } else if (!isUtf8(bytes)) {
        events.onMalformed(number, 'not text in UTF-8');
      } else if (text.trim()) {
        const body = fromLine(text);
        if (body === undefined) events.onMalformed(number, 'not a JSON object');
        else yield toMessage(number, body);
      }
    }
  } catch (error) {
    events.onFailure(error);
  } finally {
    await pieces.return(undefined);
  }
}

const toMessage = (number: number, body: string): OutgoingMessage => ({
  number,
  body,
  bytes: Buffer.byteLength(body),
  kind: 'unknown',
  orders: 0,
  cents: 0,
});

/** Takes what {@link readFileStart} needs to see. */
async function takeStart(pieces: AsyncGenerator<Buffer>): Promise<{ bytes: Buffer; isWhole: boolean }> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < LONGEST_LINE && !beginsWithObject(bytes)) {
    const { value, done } = await pieces.next();
    if (done) return { bytes, isWhole: true };
    bytes = Buffer.concat([bytes, value]);
  }
  return { bytes, isWhole: false };
}

async function* joined(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

async function* readPieces(file: FileHandle, events: FileEvents): AsyncGenerator<Buffer> {
  for await (const piece of file.createReadStream()) {
    events.onBytes(piece.length);
    yield piece;
  }
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A line without its line break; without bytes when it is longer than allowed. */
export type Line = { readonly number: number; readonly bytes: Buffer | undefined };

/**
 * Cuts data into lines, numbered from 1. Breaks are LF or CRLF; a byte order mark at the start of a line,
 * as in files that were put together, is left out. Where `pieces` throws, the line it was in the middle of is not given out.
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
      yield { number: ++number, bytes: trim(line.take()) };
      start = end + 1;
    }
    line.add(piece.subarray(start));
  }
  const last = line.take();
  if (last === undefined || last.length > 0) yield { number: ++number, bytes: trim(last) };
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

function trim(bytes: Buffer | undefined): Buffer | undefined {
  const hasMark = bytes?.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const hasReturn = bytes?.at(-1) === CARRIAGE_RETURN;
  return bytes?.subarray(hasMark ? BYTE_ORDER_MARK.length : 0, hasReturn ? -1 : undefined);
}
