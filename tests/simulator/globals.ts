import type { Actor, Cancel, World } from './world.ts';

/** A simulated timer, with the `unref` of Node.js for code that must not keep the process alive. */
type Timer = { readonly cancel: Cancel; ref(): Timer; unref(): Timer };

/** The clock, random numbers and timers that code in the simulation gets instead of those of Node.js. */
export type Globals = {
  readonly Date: DateConstructor;
  readonly Math: Math;
  readonly performance: { now(): number };
  readonly setTimeout: (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => Timer;
  readonly clearTimeout: (timer?: Timer) => void;
  readonly setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => Timer;
};

/**
 * Globals for simulated code. A timer belongs to the actor that sets it.
 *
 * @param world may change from schedule to schedule
 * @param random numbers for an actor
 * @param clockOffset by which its clock is ahead, in milliseconds
 */
export function globalsOf(world: () => World, random: () => number, clockOffset = 0): Globals {
  const now = () => world().now;
  class SimulatedDate extends Date {
    constructor(...args: [] | [string | number]) {
      if (args.length === 0) super(SimulatedDate.now());
      else super(...args);
    }
    static override now(): number {
      return Math.floor(now() + clockOffset);
    }
  }
  const setTimeout: Globals['setTimeout'] = (run, ms = 0, ...args) => {
    const actor: Actor | undefined = world().current;
    const timer: Timer = {
      cancel: world().after(ms, () => run(...args), { actor, kind: 'timer' }),
      ref: () => timer,
      unref: () => timer,
    };
    return timer;
  };
  return {
    // A class cannot be called without new, which nobody does.
    Date: SimulatedDate as DateConstructor,
    Math: Object.create(Math, { random: { value: random } }),
    performance: { now },
    setTimeout,
    clearTimeout: (timer) => timer?.cancel(),
    setImmediate: (run, ...args) => setTimeout(run, 0, ...args),
  };
}

/** `node:timers/promises`, as far as it is used. */
export const timersPromises = ({ setTimeout, clearTimeout }: Globals) => ({
  setTimeout: <T>(ms: number, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve(value);
      }, ms);
      signal?.addEventListener('abort', stop);
    }),
});
