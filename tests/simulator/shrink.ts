import type { Schedule } from './schedule.ts';

/** What a schedule is made smaller by; what most likely is not needed first. */
const LISTS = ['requests', 'commands', 'faults', 'messages'] as const;
type List = (typeof LISTS)[number];

/**
 * Makes a schedule that fails smaller, as long as it fails: delta debugging (Zeller 1999) of all its lists.
 *
 * @param fails runs a schedule
 * @param failedAt when it failed, in milliseconds since its beginning
 * @param limit milliseconds after which it is small enough
 */
export async function shrink(
  schedule: Schedule,
  fails: (schedule: Schedule) => Promise<boolean>,
  failedAt: number,
  limit: number,
): Promise<Schedule> {
  const deadline = performance.now() + limit;
  let smallest = schedule;
  const attempt = async (candidate: Schedule): Promise<boolean> => {
    if (performance.now() > deadline || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  /** Splits a list into this number of parts, and leaves out each part without which the rest still fails. */
  const leaveOut = async (list: List, parts: number): Promise<void> => {
    const size = Math.ceil(smallest[list].length / parts);
    for (let at = 0; at < smallest[list].length; ) {
      const items = smallest[list];
      const isOut = await attempt({ ...smallest, [list]: [...items.slice(0, at), ...items.slice(at + size)] });
      if (!isOut) at += size;
    }
  };

  await attempt(until(schedule, failedAt));
  for (let before = Number.POSITIVE_INFINITY; sizeOf(smallest) < before && performance.now() < deadline; ) {
    before = sizeOf(smallest);
    for (let parts = 1; parts < 2 * Math.max(...LISTS.map((list) => smallest[list].length)); parts *= 2) {
      for (const list of LISTS) if (parts < 2 * smallest[list].length) await leaveOut(list, parts);
    }
  }
  return smallest;
}

/** Without what comes after a time. */
function until(schedule: Schedule, time: number): Schedule {
  const isBefore = ({ at }: { readonly at: number }) => at <= time;
  return {
    ...schedule,
    requests: schedule.requests.filter(isBefore),
    commands: schedule.commands.filter(isBefore),
    faults: schedule.faults.filter(isBefore),
    messages: schedule.messages.filter(isBefore),
  };
}

const sizeOf = (schedule: Schedule): number => LISTS.reduce((sum, list) => sum + schedule[list].length, 0);
