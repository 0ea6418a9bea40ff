import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type GenerateOptions, generateMessages } from '../shared/generator.ts';
import { type OutgoingMessage, toMessages } from '../shared/message.ts';
import { readMessages } from '../shared/readMessages.ts';

/** What a source reports while it is read. */
type SourceEvents = {
  /** Bytes of the file read since the last call. */
  onBytes(bytes: number): void;
  /** A line of the file is no message: a sentence that names it. */
  onMalformed(sentence: string): void;
  /** The file could not be read to its end: a sentence without a stop that says why. */
  onFailure(sentence: string): void;
};

/** Where the messages come from. */
export type Source = {
  readonly kind: 'generated' | 'file';
  /** Number of messages, or bytes of the file. */
  readonly size: number;
  /** The messages; to be asked for once. */
  messages(events: SourceEvents): AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>;
  /** Names a message by its number, at the start of a sentence. */
  nameOf(number: number): string;
};

/** Messages that are generated. */
export function generated(options: GenerateOptions): Source {
  return {
    kind: 'generated',
    size: options.count,
    messages: () => toMessages(generateMessages(options)),
    nameOf: (number) => `Message ${number}`,
  };
}

/**
 * The messages of a file.
 *
 * @throws the error of the file system when it cannot be opened: see {@link describeFileError}
 */
export async function openFile(path: string): Promise<Source> {
  const file = await open(path);
  const { size } = await file.stat();
  const nameOf = (number: number) => `Line ${number} of ${basename(path)}`;
  return {
    kind: 'file',
    size,
    messages: ({ onBytes, onMalformed, onFailure }) =>
      readMessages(file, {
        onBytes,
        onMalformed: (line, what) => onMalformed(`${nameOf(line)} was not sent: it is ${what}`),
        onFailure: (error) => onFailure(describeFileError(path, error)),
      }),
    nameOf,
  };
}

const FILE_ERRORS = new Map<unknown, string>([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'it may not be read by you'],
  ['Z_BUF_ERROR', 'it is cut short, in the middle of its gzip data'],
  ['Z_DATA_ERROR', 'its gzip data is corrupt'],
]);

/** Why a file cannot be read, or not to its end: one sentence without a stop. */
export function describeFileError(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = FILE_ERRORS.get(code) ?? (error instanceof Error ? error.message : String(error));
  return `Cannot read ${path}: ${why}`;
}
