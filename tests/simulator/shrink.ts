import type { Schedule } from './schedule.ts';

/** What a schedule is made smaller by; what most likely is not needed first. */
const LISTS = ['requests', 'commands', 'faults', 'messages'] as const;

/**
 * Makes a schedule that fails smaller, as long as it fails: delta debugging (Zeller 1999) of one list after the other.
 *
 * @param fails runs a schedule
 * @param limit milliseconds after which it is small enough
 */
export async function shrink(
  schedule: Schedule,
  fails: (schedule: Schedule) => Promise<boolean>,
  limit: number,
): Promise<Schedule> {
  const deadline = performance.now() + limit;
  let smallest = schedule;
  for (let before = Number.POSITIVE_INFINITY; sizeOf(smallest) < before && performance.now() < deadline; ) {
    before = sizeOf(smallest);
    for (const list of LISTS) smallest = await shrinkList(smallest, list, fails, deadline);
  }
  return smallest;
}

const sizeOf = (schedule: Schedule): number => LISTS.reduce((sum, list) => sum + schedule[list].length, 0);

async function shrinkList(
  schedule: Schedule,
  list: (typeof LISTS)[number],
  fails: (schedule: Schedule) => Promise<boolean>,
  deadline: number,
): Promise<Schedule> {
  let smallest = schedule;
  for (let size = smallest[list].length; size >= 1; ) {
    let at = 0;
    while (at < smallest[list].length && performance.now() < deadline) {
      const items = smallest[list];
      const candidate = { ...smallest, [list]: [...items.slice(0, at), ...items.slice(at + size)] };
      if (await fails(candidate)) smallest = candidate;
      else at += size;
    }
    size = size === 1 ? 0 : Math.ceil(Math.min(size, smallest[list].length) / 2);
  }
  return smallest;
}
