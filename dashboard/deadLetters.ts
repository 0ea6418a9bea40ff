import type { Pipeline } from './api.ts';
import { formatDuration } from './duration.ts';
import { countOf } from './format.ts';
import type { Finding, Situation } from './verdict.ts';

type DeadLetters = NonNullable<Pipeline['dead_letters']>;

/** Messages in the dead-letter queue: new ones, or only such as were there an hour ago. */
export function deadLetters({ pipeline, history, commands }: Situation): Finding | undefined {
  const letters = pipeline.dead_letters;
  if (!letters || letters.waiting === 0) return undefined;
  const { waiting } = letters;
  const least = Math.min(waiting, ...history.flatMap(({ pipeline }) => pipeline.dead_letters?.waiting ?? []));
  const fresh = Math.max(letters.last_hour ?? 0, waiting - least);
  const title = `${countOf(waiting, 'message')} ${waiting === 1 ? 'is' : 'are'} in the dead-letter queue`;
  return {
    level: fresh > 0 || isUndated(letters) ? 'attention' : 'known',
    title: fresh > 0 ? `${title}, ${fresh === waiting ? 'new' : countOf(fresh, 'new one', 'new ones')}` : title,
    meaning: `${sinceWhen(letters, fresh)}SQS keeps them for 14 days, and you can send them again.`,
    reasons: letters.reasons ? reasonsOf(letters.reasons) : [],
    command: commands.letters,
    section: 'Messages in the dead-letter queue',
  };
}

/** Whether some may be new, though nobody recorded them. */
const isUndated = ({ oldest_seconds, reasons }: DeadLetters): boolean => reasons !== null && oldest_seconds === null;

function sinceWhen({ oldest_seconds }: DeadLetters, fresh: number): string {
  if (oldest_seconds === null) return '';
  const oldest = `The oldest came at most ${formatDuration(oldest_seconds)} ago. `;
  return fresh > 0 ? oldest : `None came in the last hour. ${oldest}`;
}

const REASONS = [
  ['invalid', 'Invalid: not JSON, or against a rule'],
  ['conflict', 'Conflicts: counted before with other content'],
  ['unknown', 'Unknown: revise an old order that was forgotten'],
  ['late', 'Late: valid orders that could not be counted or archived in time'],
  ['not_known', 'Not known: nobody recorded why'],
] as const;

const reasonsOf = (reasons: NonNullable<DeadLetters['reasons']>): string[] =>
  REASONS.flatMap(([name, words]) => (reasons[name] > 0 ? [`${words}: ${countOf(reasons[name], 'message')}`] : []));
