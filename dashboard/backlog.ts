import type { Pipeline } from './api.ts';
import { formatDuration } from './duration.ts';
import { countOf, formatCount, formatRate } from './format.ts';
import { LATE, lasting, lastingUncounted } from './lasting.ts';
import type { Finding, Seen, Situation } from './verdict.ts';

/** Seconds. The counts of SQS are approximate and lag behind. */
const SOON = 15;
/** A running worker receives this many messages at once. */
const MANY = 100;
/** Where at least this many orders usually come in a time, some came, although none was counted. */
export const FEW_USUAL = 5;
/** Seconds that it takes to count what waits. */
const SLOW = 120;
const TOO_SLOW = 3600;

/** For a pipeline without a last count: nothing was counted yet, or Redis lost it, and a replay does not restore it. */
export const neverCounted = ({ restored_at }: Pipeline): string =>
  restored_at ? 'No order has been counted since Redis lost its data.' : 'No order has been counted yet.';

/** Messages that wait in the queue: none of them is counted, or counting them takes long. */
export function backlog(situation: Situation): Finding | undefined {
  const waiting = situation.pipeline.queue?.waiting ?? 0;
  return waiting > 0 ? (stopped(waiting, situation) ?? slow(waiting, situation)) : undefined;
}

/** With messages waiting, whether counting has stopped. On the first answer they may have just come, if they are few. */
function stopped(waiting: number, situation: Situation): Finding | undefined {
  const { pipeline, sinceCount, usual, commands } = situation;
  const { atLeast, isNew } = lastingUncounted(situation, 'waiting');
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

/** Whether counting what waits takes long. If it has just come, the rate does not say: there was less to count until now. */
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
