import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { CommandError } from '../shared/command.ts';
import { type GenerateOptions, generateMessages } from '../shared/generator.ts';
import { type OutgoingMessage, toMessages } from '../shared/message.ts';
import { describeFileError, readMessages } from '../shared/readMessages.ts';

/** What a source reports while it is read. */
type SourceEvents = {
  /** Bytes of the file read since the last call. */
  onBytes(bytes: number): void;
  /** A line of the file is not a message: a sentence that names it. */
  onMalformed(sentence: string): void;
  /** The file could not be read to its end: why, in a sentence without a full stop. */
  onFailure(sentence: string): void;
};

/** Where the messages come from. */
export type Source = {
  readonly kind: 'generated' | 'file';
  /** Number of messages, or bytes of the file. */
  readonly size: number;
  /** The messages; may be called once. */
  messages(events: SourceEvents): AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>;
  /** What to call a message, at the start of a sentence. */
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
 * @throws a {@link CommandError} when it cannot be opened
 */
export async function openFile(path: string): Promise<Source> {
  const file = await open(path).catch((error) => {
    throw new CommandError(describeFileError(path, error));
  });
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
