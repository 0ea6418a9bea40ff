import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '../../scripts/shared/random.ts';

/** What runs code in the simulation: a Lambda container, or an operator's command. Nothing of it happens while it is frozen. */
export type Actor = {
  readonly name: string;
  readonly random: Random;
  /** By which its clock is ahead, in milliseconds. */
  readonly clockOffset: number;
  isDead: boolean;
  isFrozen: boolean;
  /** What it works on: requests are watched on behalf of it. */
  task: unknown;
};

/** A timer runs before input that came at the same time, as in Node.js. Of `network` no code of an actor runs. */
type Kind = 'timer' | 'input' | 'network';

type Event = {
  readonly at: number;
  readonly order: number;
  readonly kind: Kind;
  readonly actor: Actor | undefined;
  readonly run: () => void | Promise<void>;
  isCancelled: boolean;
};

/** A clock is wrong by half of this at most, in milliseconds. With late requests to S3, less than a replay allows for. */
const MOST_OFFSET_MS = 6 * 60_000;

/** Cancels what was planned. */
export type Cancel = () => void;

/**
 * Virtual time, and all that is going to happen in it: one event after the other, in an order that the seed decides.
 * Between two events everything that code has set off runs to its end.
 */
export class World {
  /** Milliseconds since 1970. */
  now: number;
  /** Whose code runs. */
  current: Actor | undefined;
  readonly trace: string[] = [];
  /** What broke a promise of the pipeline. */
  violation: Error | undefined;
  /** By time, the next one last. */
  readonly #events: Event[] = [];
  readonly #held = new Map<Actor, Event[]>();
  readonly #digest = createHash('sha256');
  #order = 0;
  #isEnded = false;

  constructor(
    readonly seed: number,
    start: number,
  ) {
    this.now = start;
  }

  /** Random numbers for a purpose: they stay the same when a schedule gets shorter. */
  random(purpose: string): Random {
    let stream = 0;
    for (let at = 0; at < purpose.length; at++) stream = (Math.imul(stream, 31) + purpose.charCodeAt(at)) | 0;
    return seededRandom(this.seed, stream);
  }

  newActor(name: string): Actor {
    const random = this.random(`chance of ${name}`);
    const clockOffset = random() < 0.8 ? 0 : Math.round((random() - 0.5) * MOST_OFFSET_MS);
    return { name, random, clockOffset, isDead: false, isFrozen: false, task: undefined };
  }

  /** Plans an event in `ms` milliseconds. It never happens once its actor is dead, and waits while the actor is frozen. */
  after(
    ms: number,
    run: Event['run'],
    { actor, kind = 'input' }: { actor?: Actor | undefined; kind?: Kind } = {},
  ): Cancel {
    return this.at(this.now + Math.max(ms, 0), run, { actor, kind });
  }

  /** As {@link after}, at a time. */
  at(
    time: number,
    run: Event['run'],
    { actor, kind = 'input' }: { actor?: Actor | undefined; kind?: Kind } = {},
  ): Cancel {
    const event: Event = { at: Math.max(time, this.now), order: this.#order++, kind, actor, run, isCancelled: false };
    this.#insert(event);
    return () => {
      event.isCancelled = true;
    };
  }

  #insert(event: Event): void {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other && (other.at > event.at || (other.at === event.at && other.order > event.order))) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  /** From now on nothing happens to the actor. */
  freeze(actor: Actor): void {
    actor.isFrozen = true;
  }

  /** All that was due meanwhile happens now, timers first. */
  thaw(actor: Actor): void {
    actor.isFrozen = false;
    const held = this.#held.get(actor) ?? [];
    this.#held.delete(actor);
    for (const kind of ['timer', 'input']) {
      for (const event of held) {
        if (event.kind !== kind || event.isCancelled) continue;
        this.#insert({ ...event, at: this.now, order: this.#order++ });
      }
    }
  }

  kill(actor: Actor): void {
    actor.isDead = true;
    this.#held.delete(actor);
  }

  /** Ends the run after this event. */
  end(): void {
    this.#isEnded = true;
  }

  /** Notes what happened: what two runs of one seed must agree in. */
  note(text: string): void {
    const line = `${new Date(this.now).toISOString()} ${text}`;
    this.#digest.update(line);
    this.trace.push(line);
  }

  /** A promise of the pipeline is broken: the run ends, and fails with the first of them. */
  violate(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.violation ??= new Error(text);
  }

  /** What stands for all that was noted. */
  digest(): string {
    return this.#digest.digest('hex').slice(0, 16);
  }

  /**
   * Lets things happen until the run is ended, or nothing is planned any more.
   *
   * @throws the error of code that is no part of the pipeline, or the first violation
   */
  async run(): Promise<void> {
    while (!this.#isEnded && !this.violation) {
      const event = this.#events.pop();
      if (!event) break;
      const { actor } = event;
      if (event.isCancelled || actor?.isDead) continue;
      this.now = event.at;
      if (actor?.isFrozen) {
        this.#held.set(actor, [...(this.#held.get(actor) ?? []), event]);
        continue;
      }
      this.current = actor;
      await event.run();
      if (event.kind !== 'network') await quiet();
    }
    this.current = undefined;
    if (this.violation) throw this.violation;
  }
}

/** Resolves once no code has anything to do: all that waits, waits for an event. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
