import { messages } from '../shared/words.ts';
import { openArchive } from './archive.ts';
import type { DeadLetters } from './deadLetters.ts';
import { describeStaying, type Job, Reasons } from './job.ts';
import { judge } from './judge.ts';
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
 * @throws a Problem when Redis does not answer or the file cannot be written to: nothing is deleted then
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
      const judgements = await judge(letters, ledger);
      const isHopeless = ({ kind }: { kind: string }) => kind === 'invalid' || kind === 'conflict';
      const chosen = only ? judgements.filter(isHopeless) : judgements;
      if (only) for (const judgement of judgements) if (!isHopeless(judgement)) staying.add(judgement);
      if (chosen.length === 0) return;
      await archive.append(chosen);
      for (const judgement of chosen) archived.add(judgement);
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
