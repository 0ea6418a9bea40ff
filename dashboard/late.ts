import type { Pipeline } from './api.ts';
import { FEW_USUAL } from './backlog.ts';
import { countOf } from './format.ts';
import { LATE, lasting, lastingUncounted } from './lasting.ts';
import type { Finding, Situation } from './verdict.ts';

/** What workers hold at once: a batch, or the messages of ten seconds. */
const BATCH = 500;
const HELD_SECONDS = 10;

const holdsMore = ({ queue, rate }: Pipeline): boolean =>
  queue !== null && queue.in_flight > Math.max(BATCH, (rate ?? 0) * HELD_SECONDS);

/** Orders that could not be counted and pause until they are tried again: more are in flight than workers hold, or none counts. */
export function late(situation: Situation): Finding | undefined {
  const { pipeline, history, sinceCount, usual, commands } = situation;
  const inFlight = pipeline.queue?.in_flight ?? 0;
  if (inFlight === 0) return undefined;
  const many = lasting(history, holdsMore);
  const none = lastingUncounted(situation, 'in_flight');
  const isMany = holdsMore(pipeline) && (many.atLeast >= LATE || !many.isNew);
  const isOverdue = sinceCount !== undefined && sinceCount >= LATE && usual >= FEW_USUAL && !none.isNew;
  if (!isMany && !isOverdue && none.atLeast < LATE) return undefined;
  return {
    level: 'attention',
    title: `${countOf(inFlight, 'order')} ${inFlight === 1 ? 'is' : 'are'} late`,
    meaning:
      'They could not be counted when they came, for example because Redis did not answer. Each is tried again within 18 minutes.',
    command: commands.logsOf('processOrders'),
    section: 'Orders are waiting',
  };
}
