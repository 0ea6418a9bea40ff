import type { Context } from 'aws-lambda';
import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import { lambdaContext } from '../support/lambdaContext.ts';
import type { Code, FunctionName, Handler } from './code.ts';
import type { Network } from './network.ts';
import type { Actor, Cancel, World } from './world.ts';

/** How an invocation ends; `lost`: its container died, or its response did not arrive. */
export type Ending =
  | { readonly kind: 'response'; readonly response: unknown }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'lost' };

/** An invocation of a function, as far as it is known while it runs. */
export type Invocation = {
  readonly name: string;
  startedAt: number;
  endedAt: number;
  /** Whether its container was given no time to run for a while. */
  wasStarved: boolean;
};

type Container = {
  readonly actor: Actor;
  readonly handler: Handler;
  invocation: Invocation | undefined;
  /** Ends the invocation. */
  settle: (ending: Ending) => void;
  usedAt: number;
  /** Whether other code is deployed by now. */
  isOld: boolean;
};

const MINUTE = 60_000;
/** Of a container that nothing is asked of. */
const IDLE_LIFE_MS = 45 * MINUTE;

/**
 * A function of Lambda: containers that start cold, are frozen between invocations, time out and die.
 */
export class LambdaFunction {
  #containers: Container[] = [];
  #started = 0;
  #invoked = 0;
  readonly #random: Random;

  constructor(
    private readonly place: { readonly world: World; readonly network: Network; readonly code: Code },
    readonly name: FunctionName,
    private readonly redisUrl: string,
    private readonly timeoutMs: number,
  ) {
    this.#random = place.world.random(`containers of ${name}`);
  }

  get running(): number {
    return this.#containers.filter(({ invocation }) => invocation).length;
  }

  /**
   * Invokes the function.
   *
   * @param task what the container works on meanwhile
   * @param settle called when the response has arrived, or is known never to arrive
   */
  invoke(event: unknown, task: unknown, settle: (ending: Ending, invocation: Invocation) => void): void {
    const { world } = this.place;
    for (const { actor, invocation, usedAt } of this.#containers) {
      if (!invocation && world.now - usedAt > IDLE_LIFE_MS) world.kill(actor);
    }
    this.#containers = this.#containers.filter(({ actor }) => !actor.isDead);
    const idle = this.#containers.filter(({ invocation, isOld }) => !invocation && !isOld);
    const warm = idle[pickNumber(this.#random, idle.length)];
    const container = warm ?? this.#start();
    const { actor } = container;
    const invocation = { name: `${this.name} ${this.#invoked++}`, startedAt: world.now, endedAt: 0, wasStarved: false };
    container.invocation = invocation;
    actor.task = task;
    world.thaw(actor);
    let cancelTimeout: Cancel = () => {};
    container.settle = (ending) => {
      container.settle = () => {};
      cancelTimeout();
      container.invocation = undefined;
      container.usedAt = world.now;
      invocation.endedAt = world.now;
      world.note(`${invocation.name} ends: ${ending.kind}`);
      if (container.isOld) world.kill(actor);
      else world.freeze(actor);
      world.after(1 + this.#random() * 5, () => settle(ending, invocation));
    };
    const begin = () => {
      invocation.startedAt = world.now;
      cancelTimeout = world.after(this.timeoutMs, () => this.#kill(container, 'times out'));
      const context: Context = {
        ...lambdaContext,
        awsRequestId: invocation.name.replace(' ', '-'),
        getRemainingTimeInMillis: () => invocation.startedAt + this.timeoutMs - world.now,
      };
      container.handler(event, context).then(
        (response) => container.settle({ kind: 'response', response }),
        (error) => container.settle({ kind: 'error', error }),
      );
    };
    world.note(`${invocation.name} begins in ${actor.name}`);
    world.after(warm ? 1 : 200 + this.#random() * 600, begin, { actor });
  }

  #start(): Container {
    const { world, code } = this.place;
    const actor = world.newActor(`${this.name}#${this.#started++}`);
    const before = world.current;
    world.current = actor;
    const handler = code.startFunction(this.name, actor, this.redisUrl);
    world.current = before;
    const container: Container = {
      actor,
      handler,
      invocation: undefined,
      settle: () => {},
      usedAt: world.now,
      isOld: false,
    };
    this.#containers.push(container);
    return container;
  }

  #kill(container: Container, why: string): void {
    const { world, network } = this.place;
    world.note(`${container.actor.name} ${why}`);
    world.kill(container.actor);
    network.forget(container.actor);
    this.#containers = this.#containers.filter((other) => other !== container);
    container.settle({ kind: 'lost' });
  }

  #busy(random: Random): Container | undefined {
    const busy = this.#containers.filter(({ invocation }) => invocation);
    return busy[pickNumber(random, busy.length)];
  }

  /** Kills a container in the middle of its invocation, if there is one. */
  killOne(random: Random): void {
    const container = this.#busy(random);
    if (container) this.#kill(container, 'dies');
  }

  /** Gives a container in the middle of its invocation no time to run for a while. */
  starveOne(random: Random, ms: number): void {
    const { world } = this.place;
    const container = this.#busy(random);
    const invocation = container?.invocation;
    if (!container || !invocation) return;
    invocation.wasStarved = true;
    world.note(`${container.actor.name} does not run for ${ms} ms`);
    world.freeze(container.actor);
    world.after(ms, () => {
      if (container.invocation === invocation) world.thaw(container.actor);
    });
  }

  /** Other code is deployed: containers that run end with their invocation, and the next ones start cold. */
  deploy(): void {
    for (const container of this.#containers) container.isOld = true;
  }
}
