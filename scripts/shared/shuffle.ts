import { pickNumber, type Random } from './random.ts';

/** Messages kept in memory to choose the next one from. */
const WINDOW = 10_000;

/** Gives items out in another order: each next one is chosen among 10,000. */
export function* shuffle<T>(items: Iterable<T>, random: Random): Generator<T> {
  const window: T[] = [];
  for (const item of items) {
    if (window.length < WINDOW) {
      window.push(item);
      continue;
    }
    const index = pickNumber(random, WINDOW);
    const chosen = window[index];
    window[index] = item;
    if (chosen !== undefined) yield chosen;
  }
  while (window.length > 0) {
    const [chosen] = window.splice(pickNumber(random, window.length), 1);
    if (chosen !== undefined) yield chosen;
  }
}
