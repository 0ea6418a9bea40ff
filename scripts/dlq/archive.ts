import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { errorText } from '../../lib/errorText.ts';
import type { Judgement } from './judge.ts';
import { Problem } from './problem.ts';

/** A file that messages are kept in. */
export type Archive = {
  /**
   * Appends a line for each message.
   *
   * @returns when they are on the disk
   * @throws a {@link Problem} when they may not be
   */
  append(judgements: readonly Judgement[]): Promise<void>;
  close(): Promise<void>;
};

/** Bodies hold addresses: only its owner may read a new file. */
const MODE = 0o600;
const NEWLINE = 0x0a;

/**
 * Opens an archive, which is created if need be.
 *
 * @throws a {@link Problem} when it cannot be written to
 */
export async function openArchive(path: string): Promise<Archive> {
  const explain = (error: unknown): never => {
    throw new Problem(`Cannot write ${path}, so nothing more is deleted: ${errorText(error)}`);
  };
  const file = await open(path, 'a+', MODE).catch(explain);
  await prepare(file, path).catch(async (error) => {
    await file.close();
    explain(error);
  });
  return {
    async append(judgements) {
      try {
        await file.appendFile(judgements.map((judgement) => `${toLine(judgement)}\n`).join(''));
        await file.sync();
      } catch (error) {
        explain(error);
      }
    },
    close: () => file.close(),
  };
}

/** Makes sure that the file will be found after a crash, and that its last line, maybe cut off by one, is ended. */
async function prepare(file: FileHandle, path: string): Promise<void> {
  const { size } = await file.stat();
  if (size > 0) {
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
    if (buffer[0] !== NEWLINE) await file.appendFile('\n');
  }
  await file.sync();
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
}

/** What tells a line of an archive from a message. */
const ArchiveLine = v.object({ messageId: v.string(), sentAt: v.string(), kind: v.string(), body: v.string() });

/** The body of the message that a line of an archive holds; undefined for any other line. */
export function archivedBody(line: unknown): string | undefined {
  return v.is(ArchiveLine, line) ? line.body : undefined;
}

/** The message with all that SQS says about it; the body as it is. */
function toLine({ letter, orderId, kind, reason }: Judgement): string {
  const { messageId, sentAt, attributes, messageAttributes, body } = letter;
  return JSON.stringify({
    messageId,
    sentAt,
    orderId: orderId ?? null,
    kind,
    reason,
    attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, value]) => [name, plain(value)]),
    ),
    body,
  });
}

/** Bytes as base64, as the API of SQS has them. */
const plain = ({ BinaryValue, ...rest }: MessageAttributeValue) =>
  BinaryValue ? { ...rest, BinaryValue: Buffer.from(BinaryValue).toString('base64') } : rest;
