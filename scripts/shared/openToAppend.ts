import { type FileHandle, open } from 'node:fs/promises';
import { takesLines } from './fileStart.ts';
import { LONGEST_LINE } from './lines.ts';

const NEWLINE = 0x0a;
/** Messages hold addresses: only the owner may read a new file. */
const OWNER_ONLY = 0o600;

/**
 * Opens or creates a file to append lines of messages to. Ends its last line, which a crash may have cut off.
 *
 * @throws an error to show if the file holds anything else, because the lines could not be read from it; otherwise the error of the
 *   file system
 */
export async function openToAppend(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', OWNER_ONLY);
  try {
    const { size } = await file.stat();
    if (size > 0) {
      const start = await readAt(file, 0, Math.min(size, LONGEST_LINE));
      if (!takesLines(start)) throw new Error('it holds something other than one message per line: name another file');
      const [last] = await readAt(file, size - 1, 1);
      if (last !== NEWLINE) await file.appendFile('\n');
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.subarray(0, bytesRead);
}
