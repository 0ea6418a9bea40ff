import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { errorText } from '../../lib/errorText.ts';
import { CommandError } from '../shared/command.ts';
import { messages, openToAppend } from '../shared/message.ts';
import type { DeadLetters } from './deadLetters.ts';
import { type Explanation, explainLetters } from './findings.ts';
import { describeStaying, type Job, Reasons } from './job.ts';
import type { Ledger } from './ledger.ts';

/** What to purge, and where to. */
export type Purge = {
  readonly to: string;
  readonly only?: 'invalid';
  readonly dlq: string;
  readonly from: DeadLetters;
  readonly ledger: Ledger;
};

/**
 * `purge`: a message is deleted when it is in the file, on the disk. A crash in between leaves it in both: another purge
 * writes it once more, with the same message id.
 *
 * @throws a CommandError when Redis does not answer or the file cannot be written to: nothing is deleted then
 */
export async function purging({ to, only, dlq, from, ledger }: Purge): Promise<Job> {
  await ledger.check();
  const archive = await openArchive(to).catch((error) => {
    ledger.close();
    throw error;
  });
  const archived = new Reasons();
  const staying = new Reasons();
  let deleted = 0;
  return {
    async take(letters) {
      const explanations = await explainLetters(letters, ledger);
      const isHopeless = ({ kind }: { kind: string }) => kind === 'invalid' || kind === 'conflict';
      const chosen = only ? explanations.filter(isHopeless) : explanations;
      if (only) for (const explanation of explanations) if (!isHopeless(explanation)) staying.add(explanation);
      if (chosen.length === 0) return;
      await archive.append(chosen);
      for (const explanation of chosen) archived.add(explanation);
      deleted += (await from.delete(chosen.map(({ letter }) => letter))).length;
    },
    summary(rest) {
      const kept = archived.total - deleted;
      const left = kept > 0 ? `\n${messages(kept)} of these could not be deleted from ${dlq}` : '';
      return (
        `archived to ${to} and deleted from ${dlq}: ${messages(archived.total)}${archived.lines()}${left}\n` +
        describeStaying(dlq, staying, rest)
      );
    },
    hasBegun: () => archived.total > 0,
    close() {
      ledger.close();
      return archive.close();
    },
  };
}

/** A file that messages are kept in. */
type Archive = {
  /**
   * Appends a line for each message.
   *
   * @returns when they are on the disk
   * @throws a {@link CommandError} when they may not be
   */
  append(explanations: readonly Explanation[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens an archive, which is created if need be.
 *
 * @throws a {@link CommandError} when it cannot be written to
 */
async function openArchive(path: string): Promise<Archive> {
  const explain = (error: unknown): never => {
    throw new CommandError(`Cannot write ${path}, so nothing more is deleted: ${errorText(error)}`);
  };
  const file = await openToAppend(path).catch(explain);
  await keepAfterCrash(file, path).catch(async (error) => {
    await file.close();
    explain(error);
  });
  return {
    async append(explanations) {
      try {
        await file.appendFile(explanations.map((explanation) => `${toLine(explanation)}\n`).join(''));
        await file.sync();
      } catch (error) {
        explain(error);
      }
    },
    close: () => file.close(),
  };
}

/** Makes sure that the file will be found after a crash. */
async function keepAfterCrash(file: FileHandle, path: string): Promise<void> {
  await file.sync();
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
}

/** The message with all that SQS says about it; the body as it is. */
function toLine({ letter, orderId, kind, reason }: Explanation): string {
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
