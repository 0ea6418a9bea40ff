/** A source of numbers from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/**
 * Random numbers that depend only on the arguments (mulberry32). Streams with consecutive numbers are unrelated.
 *
 * @param seed - a whole number of 32 bits
 * @param stream - number of a stream of this seed
 */
export function seededRandom(seed: number, stream: number): Random {
  let state = scramble(scramble(seed) + stream);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `below` - 1. */
export const pickNumber = (random: Random, below: number): number => Math.floor(random() * below);

/** The last step of MurmurHash3: every bit of the input changes half of the bits of the output. */
function scramble(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Items kept in memory to choose the next one from. */
const WINDOW = 10_000;

/** Shuffles items, as far as a window of 10,000 allows. */
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
