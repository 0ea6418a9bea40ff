import type { Pipeline } from './api.ts';
import { formatDuration } from './duration.ts';
import { countOf, formatCount, formatRate } from './format.ts';
import { lasting } from './lasting.ts';
import type { Finding, Seen, Situation } from './verdict.ts';

/** Seconds. The counts of SQS are approximate and lag behind. */
const SOON = 15;
const LATE = 60;
/** A worker that runs has taken so many within a moment. */
const MANY = 100;
/** So many orders usually come in the time in which none was counted: some did. */
export const FEW_USUAL = 5;
/** Seconds that it takes to count what waits. */
const SLOW = 120;
const TOO_SLOW = 3600;

/** For a pipeline without a last count. Redis may have lost it, and what a replay restores is not counted anew. */
export const neverCounted = ({ restored_at }: Pipeline): string =>
  restored_at ? 'No order has been counted since Redis lost its data.' : 'No order has been counted yet.';

/** Messages that wait in the queue: none of them is counted, or counting them takes long. */
export function backlog(situation: Situation): Finding | undefined {
  const waiting = situation.pipeline.queue?.waiting ?? 0;
  return waiting > 0 ? (stopped(waiting, situation) ?? slow(waiting, situation)) : undefined;
}

/** With messages waiting, whether counting has stopped. On the first answer they may have just come, if they are few. */
function stopped(waiting: number, { pipeline, history, sinceCount, usual, commands }: Situation): Finding | undefined {
  const last = pipeline.last_count?.at;
  const { atLeast, isNew } = lasting(
    history,
    ({ queue, last_count }) => last_count?.at === last && queue !== null && queue.waiting > 0,
  );
  const isOverdue = sinceCount !== undefined && sinceCount >= LATE && (waiting >= MANY || usual >= FEW_USUAL);
  const isFailing = atLeast >= LATE || (isOverdue && !isNew);
  if (!isFailing && atLeast < SOON && (sinceCount !== undefined || isNew)) return undefined;
  const since =
    sinceCount === undefined ? neverCounted(pipeline) : `The last order was counted ${formatDuration(sinceCount)} ago.`;
  const wait = `${countOf(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}`;
  return {
    level: isFailing ? 'failing' : 'attention',
    title: isFailing ? `${wait}, none is counted` : `${wait} longer than usual`,
    meaning: `${since} The function that counts orders does not run, or fails. The queue keeps messages for 14 days.`,
    command: commands.logsOf('processOrders'),
    section: 'Orders are waiting',
  };
}

/** Whether counting takes long. Of messages that have just come, the rate does not tell: there was less to count before. */
function slow(waiting: number, { pipeline, history, commands }: Situation): Finding | undefined {
  const { rate } = pipeline;
  const { atLeast, isNew } = lasting(history, ({ queue }) => queue !== null && queue.waiting > 0);
  if (!rate || (isNew && atLeast < LATE)) return undefined;
  const seconds = waiting / rate;
  if (seconds < SLOW) return undefined;
  return {
    level: seconds >= TOO_SLOW && atLeast >= LATE ? 'failing' : 'attention',
    title: `${countOf(waiting, 'message')} wait: ${formatDuration(seconds)} of work`,
    meaning: `${formatRate(rate)} orders are counted per second. ${trend(waiting, history)}Nothing is lost: the queue keeps messages for 14 days.`,
    command: commands.logsOf('processOrders'),
    section: 'Orders are waiting',
  };
}

/** Seconds. Batches come in bursts. */
const TREND = 10;

function trend(waiting: number, history: readonly Seen[]): string {
  const before = history.findLast(({ secondsAgo, pipeline }) => secondsAgo >= TREND && pipeline.queue);
  if (!before?.pipeline.queue) return '';
  const more = waiting - before.pipeline.queue.waiting;
  const words = `${formatCount(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} than ${formatDuration(before.secondsAgo)} ago`;
  if (more > 0) return `More orders come than are counted: ${words}. `;
  return more < 0 ? `There are ${words}. ` : '';
}
