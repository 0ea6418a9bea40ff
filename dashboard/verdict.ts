import type { Pipeline } from './api.ts';
import { countOf } from './format.ts';

/** `well`: nothing to do. `attention`: somebody has to look. `failing`: orders are not counted. */
export type Level = 'well' | 'attention' | 'failing';

export const VERDICTS: Readonly<Record<Level, string>> = {
  well: 'All is well',
  attention: 'Needs attention',
  failing: 'Orders are not counted',
};

export type Finding = {
  readonly level: Exclude<Level, 'well'>;
  readonly title: string;
  readonly meaning: string;
  readonly reasons?: readonly string[];
  /** Shell command that shows more. */
  readonly command?: string | undefined;
};

export type Evidence = {
  readonly pipeline: Pipeline;
  /** For how long messages have been waiting, or in flight, without any new result. */
  readonly waitingMs: number;
  readonly inFlightMs: number;
  /** Undefined if not known. */
  readonly stage: string | undefined;
};

/** The counts of SQS are approximate and lag behind. */
const SOON_MS = 15_000;
const LATE_MS = 60_000;

/** Findings, worst first. */
export function assess({ pipeline, waitingMs, inFlightMs, stage }: Evidence): Finding[] {
  const { messages, queue, dead_letters } = pipeline;
  const option = stage === undefined || stage === 'local' ? '' : ` --stage ${stage}`;
  const findings: Finding[] = [];
  if (!messages) findings.push(REDIS_AWAY);
  if (queue && waitingMs >= SOON_MS) findings.push(backlog(queue.waiting, waitingMs >= LATE_MS, option));
  if (dead_letters && dead_letters.waiting > 0) findings.push(deadLetters(dead_letters.waiting, messages, option));
  if (queue && inFlightMs >= LATE_MS) findings.push(retrying(queue.in_flight, option));
  if (!queue || !dead_letters) findings.push({ ...QUEUES_UNSEEN, command: `npm run dlq -- list${option}` });
  return findings;
}

export const levelOf = (findings: readonly Finding[]): Level =>
  findings.some(({ level }) => level === 'failing') ? 'failing' : findings.length > 0 ? 'attention' : 'well';

const REDIS_AWAY: Finding = {
  level: 'failing',
  title: 'Redis does not answer',
  meaning:
    'Orders cannot be counted, and the statistics cannot be read. Each order is tried again for half an hour. Then it goes ' +
    'to the dead-letter queue, from which you can send it again.',
  command: 'redis-cli -u "$REDIS_URL" ping',
};

const QUEUES_UNSEEN = {
  level: 'attention',
  title: 'The queues cannot be seen',
  meaning: 'SQS does not answer, or does not let the API look. Whether messages wait is not known.',
} as const;

function backlog(waiting: number, isLate: boolean, option: string): Finding {
  const [level, title] = isLate
    ? (['failing', `${countOf(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}, none is counted`] as const)
    : (['attention', `${countOf(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'} longer than usual`] as const);
  return {
    level,
    title,
    meaning: 'The function that counts orders does not run, or fails. The queue keeps messages for 14 days.',
    command: logsOf(option),
  };
}

/** The local stage logs to the terminal. */
const logsOf = (option: string): string | undefined =>
  option ? `npx serverless logs -f processOrders${option}` : undefined;

const retrying = (inFlight: number, option: string): Finding => ({
  level: 'attention',
  title: `${countOf(inFlight, 'message')} will be tried again`,
  meaning:
    'They could not be counted before, for example because Redis did not answer. They are tried again within 15 minutes.',
  command: logsOf(option),
});

function deadLetters(waiting: number, messages: Pipeline['messages'], option: string): Finding {
  const reasons = REASONS.flatMap(([name, words]) => {
    const count = messages?.[name] ?? 0;
    return count > 0 ? [`${words}: ${countOf(count, 'delivery', 'deliveries')} so far`] : [];
  });
  return {
    level: 'attention',
    title: `${countOf(waiting, 'message')} ${waiting === 1 ? 'is' : 'are'} in the dead-letter queue`,
    meaning:
      'They could not be counted in up to 8 attempts each. SQS keeps them for 14 days, and you can send them again.',
    reasons:
      reasons.length > 0 ? reasons : ['They could not be counted in time, for example because Redis did not answer'],
    command: `npm run dlq -- list${option}`,
  };
}

/** Counters of the results that lead there. */
const REASONS = [
  ['invalid', 'Invalid, not JSON or against a rule'],
  ['conflicts', 'Conflicts, counted before with other content'],
  ['unknown', 'Unknown, revise an old order that was forgotten'],
] as const;
