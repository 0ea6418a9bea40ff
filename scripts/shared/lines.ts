import { pipeline, Readable, type TransformOptions } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';

/** Puts back the piece that was taken first. */
export async function* joined(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

/**
 * Inflates gzip data, of one member or more. Passes other data through.
 *
 * @throws the error of zlib where the data is corrupt or cut short, after everything that could be inflated
 */
export async function* inflateIfGzip(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const { value: first, done } = await pieces.next();
  if (done) return;
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  yield* isGzip ? inflate(joined(first, pieces)) : joined(first, pieces);
}

/** One piece at a time: a last one that waits for another would be lost where the data is cut short. */
const ONE_BY_ONE: ZlibOptions & TransformOptions = { writableHighWaterMark: 1 };

async function* inflate(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip(ONE_BY_ONE);
  // The loop below gets its errors.
  pipeline(Readable.from(pieces), gunzip, () => {});
  try {
    yield* gunzip;
  } catch (error) {
    // What the stream still held when it failed.
    for (let left: Buffer | null = gunzip.read(); left; left = gunzip.read()) yield left;
    throw error;
  }
}

/** Longest line to keep in memory, in bytes. SQS refuses messages over 1 MiB itself. */
export const LONGEST_LINE = 4 * 1024 * 1024;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A line without its line break; without bytes when it is longer than allowed. */
export type Line = { readonly number: number; readonly bytes: Buffer | undefined };

/**
 * Cuts data into lines, numbered from 1. Breaks are LF or CRLF. Byte order marks are left out at the start of each line, as
 * concatenated files have several. Where `pieces` throws, the incomplete line is lost. Not node:readline: it would keep a
 * line of any length in memory, hide invalid UTF-8, and break lines at U+2028 within JSON strings.
 *
 * @param longest most bytes of a line; no more than that is kept in memory
 */
export async function* splitLines(pieces: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const add = (part: Buffer) => {
    length += part.length;
    if (length > longest) parts = [];
    else parts.push(part);
  };
  const take = (): Line => {
    const bytes = length > longest ? undefined : trim(Buffer.concat(parts));
    parts = [];
    length = 0;
    return { number: ++number, bytes };
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      add(piece.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(piece.subarray(start));
  }
  if (length > 0) yield take();
}

function trim(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes.subarray(start, start + BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) start += BYTE_ORDER_MARK.length;
  return bytes.subarray(start, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
}
