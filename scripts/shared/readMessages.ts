import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { beginsWithObject, readFileStart } from './fileStart.ts';
import { inflateIfGzip, joined, LONGEST_LINE, splitLines } from './lines.ts';
import { fromLine, type OutgoingMessage } from './message.ts';

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
 * Reads an open file of messages, plain or gzip, as fast as its messages are taken, and closes it. A message is:
 *
 * - each line that is a JSON object, as it stands
 * - the `body` on a line of a file of `dlq purge`
 * - the whole file, where that is one JSON object
 *
 * Empty lines are skipped. Never throws: `events` hears what is wrong with the file.
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

async function* readPieces(file: FileHandle, events: FileEvents): AsyncGenerator<Buffer> {
  for await (const piece of file.createReadStream()) {
    events.onBytes(piece.length);
    yield piece;
  }
}

const FILE_ERRORS = new Map<unknown, string>([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'you have no permission to read it'],
  ['Z_BUF_ERROR', 'it is cut short, in the middle of its gzip data'],
  ['Z_DATA_ERROR', 'its gzip data is corrupt'],
]);

/** Why a file cannot be read, or not to its end: a sentence without a full stop. */
export function describeFileError(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = FILE_ERRORS.get(code) ?? (error instanceof Error ? error.message : String(error));
  return `Cannot read ${path}: ${why}`;
}
