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
