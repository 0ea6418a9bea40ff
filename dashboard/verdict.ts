import type { Pipeline } from './api.ts';
import { backlog } from './backlog.ts';
import { deadLetters } from './deadLetters.ts';
import { formatDuration } from './duration.ts';
import { late } from './late.ts';
import type { Section } from './runbook.ts';
import { silence, usualSince } from './silence.ts';

/**
 * - `well`: nothing to do
 * - `known`: something to do, but nothing new
 * - `attention`: something is new, or orders come late
 * - `failing`: orders are not counted in time
 */
export type Level = 'well' | 'known' | 'attention' | 'failing';

export const VERDICTS: Readonly<Record<Level, string>> = {
  well: 'All is well',
  known: 'Well, apart from known dead letters',
  attention: 'Needs attention',
  failing: 'Orders are not counted in time',
};

export type Finding = {
  readonly level: Exclude<Level, 'well'>;
  readonly title: string;
  readonly meaning: string;
  readonly reasons?: readonly string[];
  /** Shell command that shows more. */
  readonly command?: string | undefined;
  readonly section: Section;
};

/** What the verdict needs of an overview. Without figures if the statistics cannot be read. */
export type Evidence = {
  /** Now, if nothing is new since. */
  readonly asOf: Date;
  readonly stage: string;
  readonly pipeline: Pipeline;
  /** Up to the current hour and day. */
  readonly figures: { readonly hours: readonly Orders[]; readonly days: readonly Orders[] } | undefined;
};

type Orders = { readonly orders: number };

/** An earlier state of the pipeline. */
export type Seen = { readonly secondsAgo: number; readonly pipeline: Pipeline };

/** What the rules look at. Times are in seconds, and undefined if there is none. */
export type Situation = {
  readonly pipeline: Pipeline;
  readonly history: readonly Seen[];
  readonly sinceCount: number | undefined;
  /** How many orders usually come in this time, see {@link usualSince}. */
  readonly usual: number;
  readonly commands: Commands;
};

type Commands = { readonly letters: string; logsOf(name: string): string | undefined };

const HOUR = 3600;
const REPLAY_LIMIT = 45 * 60;
const WORST_FIRST: readonly Level[] = ['failing', 'attention', 'known'];

/**
 * What is wrong, the worst first. Needs no history; with one, it knows whether messages have just come, and whether there are
 * more and more.
 *
 * @param history of the last minutes, the latest first
 */
export function assess(evidence: Evidence, history: readonly Seen[] = []): Finding[] {
  const { pipeline, figures } = evidence;
  const now = evidence.asOf.getTime();
  const since = (time: string | null | undefined) =>
    typeof time === 'string' ? Math.max(0, (now - Date.parse(time)) / 1000) : undefined;
  const sinceCount = since(pipeline.last_count?.at);
  const usual = sinceCount === undefined ? 0 : usualSince(figures, sinceCount, now);
  const situation = { pipeline, history, sinceCount, usual, commands: commandsFor(evidence.stage) };
  const found =
    !figures && !pipeline.messages
      ? [REDIS_AWAY]
      : [corrupt(evidence, situation), backlog(situation), late(situation), silence(situation)];
  found.push(
    deadLetters(situation),
    restored(since(pipeline.restored_at)),
    replayBehind(since(pipeline.replayed_until), situation),
    queuesUnseen(situation),
  );
  return found
    .filter((finding) => finding !== undefined)
    .sort((one, other) => WORST_FIRST.indexOf(one.level) - WORST_FIRST.indexOf(other.level));
}

export const levelOf = ([worst]: readonly Finding[]): Level => worst?.level ?? 'well';

/** The local stage logs to the terminal. */
function commandsFor(stage: string): Commands {
  const option = stage === 'local' ? '' : ` --stage ${stage}`;
  return {
    letters: `npm run dlq -- list${option}`,
    logsOf: (name) => (option ? `npx serverless logs -f ${name}${option}` : undefined),
  };
}

const REDIS_AWAY: Finding = {
  level: 'failing',
  title: 'Redis does not answer',
  meaning:
    'Orders cannot be counted, and the statistics cannot be read. Each order is tried again for half an hour. Then it goes ' +
    'to the dead-letter queue, from which you can send it again.',
  command: 'redis-cli -u "$REDIS_URL" ping',
  section: 'Redis is away',
};

function corrupt({ figures, pipeline }: Evidence, { commands }: Situation): Finding | undefined {
  if (figures && pipeline.messages) return undefined;
  return {
    level: 'attention',
    title: figures ? 'The results of messages cannot be read' : 'The statistics cannot be read',
    meaning:
      'A key in Redis has a value that the pipeline never writes. The log names the key. Orders that need it are tried again ' +
      'until somebody repairs it.',
    command: commands.logsOf('getOverview'),
    section: 'Repair',
  };
}

function restored(age: number | undefined): Finding | undefined {
  if (age === undefined || age >= HOUR) return undefined;
  return {
    level: 'attention',
    title: `Orders were restored ${formatDuration(age)} ago`,
    meaning:
      'Redis had lost orders that were counted, and a replay of the archive has counted them again. The totals are right. Find ' +
      'out why Redis lost them.',
    section: 'Orders were restored',
  };
}

function replayBehind(age: number | undefined, { commands }: Situation): Finding | undefined {
  if (age === undefined || age <= REPLAY_LIMIT) return undefined;
  return {
    level: 'attention',
    title: `The replay is ${formatDuration(age)} behind`,
    meaning: 'Orders count as before. But what Redis loses now comes back late, or not by itself.',
    command: commands.logsOf('replayArchive'),
    section: 'The replay is behind',
  };
}

function queuesUnseen({ pipeline, commands }: Situation): Finding | undefined {
  if (pipeline.queue && pipeline.dead_letters) return undefined;
  return {
    level: 'attention',
    title: 'The queues cannot be seen',
    meaning: 'SQS does not answer, or does not let the API look. Whether messages wait is not known.',
    command: commands.letters,
    section: 'The API fails or is slow',
  };
}
