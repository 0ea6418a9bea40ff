import { type FileHandle, open } from 'node:fs/promises';

/** Bodies hold addresses: a new file is only for its owner. */
const MODE = 0o600;
const NEWLINE = 0x0a;

/**
 * Opens a file to append lines to; it is created if need be. Its last line, which a crash may have cut off, is ended.
 *
 * @throws the error of the file system
 */
export async function openToAppend(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', MODE);
  try {
    const { size } = await file.stat();
    if (size > 0) {
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
      if (buffer[0] !== NEWLINE) await file.appendFile('\n');
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
