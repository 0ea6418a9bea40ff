import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { errorText } from '../../lib/errorText.ts';
import { CommandError } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { openToAppend } from '../shared/openToAppend.ts';
import type { DeadLetters } from './deadLetters.ts';
import { type Explanation, explainLetters } from './explanations.ts';
import { describeStaying, type Job, Reasons } from './job.ts';
import type { Ledger } from './ledger.ts';

export type Purge = {
  /** A file. */
  readonly to: string;
  readonly only?: 'invalid';
  /** Whether orders may be deleted that are counted. No archive may have them. */
  readonly counted?: true;
  readonly dlq: string;
  readonly from: DeadLetters;
  readonly ledger: Ledger;
};

/**
 * `purge`: a message is deleted only when the file that holds it is flushed to disk. A crash in between leaves it in both:
 * another purge writes it again, with the same message id.
 *
 * @throws a {@link CommandError} when Redis does not answer or the file cannot be written to; nothing is deleted then
 */
export async function purging({ to, only, counted, dlq, from, ledger }: Purge): Promise<Job> {
  await ledger.check();
  const file = await openFile(to);
  const written = new Reasons();
  const staying = new Reasons();
  let deleted = 0;
  let refused = 0;
  return {
    async take(letters) {
      const explanations = await explainLetters(letters, ledger);
      const isChosen = ({ kind }: Explanation) => {
        if (only) return kind === 'invalid' || kind === 'conflict';
        return counted || kind !== 'counted';
      };
      const chosen = explanations.filter(isChosen);
      for (const explanation of explanations) {
        if (isChosen(explanation)) continue;
        staying.add(explanation);
        if (!only) refused++;
      }
      if (chosen.length === 0) return;
      await file.append(chosen);
      for (const explanation of chosen) written.add(explanation);
      deleted += (await from.delete(chosen.map(({ letter }) => letter))).length;
    },
    summary(rest) {
      const kept = written.total - deleted;
      const left = kept > 0 ? `\n${messages(kept)} of these could not be deleted from ${dlq}` : '';
      return (
        `written to ${to} and deleted from ${dlq}: ${messages(written.total)}${written.lines()}${left}\n` +
        describeStaying(dlq, staying, rest, kept) +
        (refused > 0 ? REFUSAL : '')
      );
    },
    hasBegun: () => written.total > 0,
    close: () => file.close(),
  };
}

const REFUSAL =
  '\nCounted orders that no archive has would be lost with Redis: redrive archives them, and --counted purges them nevertheless';

type File = {
  /**
   * Appends a line for each message and flushes the file to disk.
   *
   * @throws a {@link CommandError} when the lines may not be on disk
   */
  append(explanations: readonly Explanation[]): Promise<void>;
  close(): Promise<void>;
};

/** @throws a {@link CommandError} when the file cannot be written to */
async function openFile(path: string): Promise<File> {
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

/** Makes sure that a new file is still there after a crash. */
async function keepAfterCrash(file: FileHandle, path: string): Promise<void> {
  await file.sync();
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
}

/** A message with all that SQS says about it. */
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

/** Bytes become base64, as in the API of SQS. */
const plain = ({ BinaryValue, ...rest }: MessageAttributeValue) =>
  BinaryValue ? { ...rest, BinaryValue: Buffer.from(BinaryValue).toString('base64') } : rest;
