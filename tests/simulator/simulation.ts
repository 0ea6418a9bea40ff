import { ShardModel } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import { Api, type Route } from './api.ts';
import type { Code, FunctionName } from './code.ts';
import { ordersQueue, timeoutOf } from './deployed.ts';
import { checkEnd } from './end.ts';
import { Faults } from './faults.ts';
import { LambdaFunction } from './lambda.ts';
import { Network } from './network.ts';
import { Operators } from './operators.ts';
import { SimulatedQueue } from './queue.ts';
import type { Schedule } from './schedule.ts';
import { SimulatedSqs } from './sqsClient.ts';
import type { Target } from './target.ts';
import { Worker } from './worker.ts';
import { World } from './world.ts';

/** The names of the shards of a cluster, as the keys show them. */
const SHARDS = [18, 69, 54, 112, 68, 59, 111, 9, 56, 110, 8, 57].map((name) => `{${name}}:`);

const READERS: readonly FunctionName[] = ['getGlobalStats', 'getUserStats', 'getTopUsers', 'getHealth', 'getPipeline'];
/** How long after its last use a connection is trusted to stand. */
const TRUSTED_MS = 100;
const MINUTE = 60_000;
/** Longest time until all messages are counted or dead letters, once nothing comes from outside any more. */
const SETTLES_MS = 4 * 60 * MINUTE;

/** How a schedule went. */
export type Outcome = {
  /** What was wrong; undefined where nothing was. */
  readonly failure: string | undefined;
  /** Stands for all that happened. */
  readonly digest: string;
  readonly trace: readonly string[];
  /** Virtual milliseconds that it took. */
  readonly length: number;
};

/** All that takes part in a schedule. */
export type Setting = {
  readonly world: World;
  readonly code: Code;
  readonly network: Network;
  readonly target: Target;
  readonly queue: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly sqs: SimulatedSqs;
  readonly shards: Map<string, ShardModel>;
  readonly faults: Faults;
  readonly api: Api;
  readonly worker: Worker;
  readonly operators: Operators;
  readonly orderOf: (message: { readonly body: string }) => ModelOrder | undefined;
  /** Messages that were reported as done. */
  readonly done: ReadonlySet<string>;
};

/** Runs a schedule. The target must be empty. */
export async function simulate(schedule: Schedule, code: Code, target: Target): Promise<Outcome> {
  const world = new World(schedule.seed, schedule.start);
  const setting = build(schedule, world, code, target);
  try {
    plan(schedule, setting);
    await world.run();
    return { failure: undefined, ...ending(world, schedule) };
  } catch (error) {
    const failure =
      error === world.violation ? world.violation?.message : error instanceof Error ? error.stack : `${error}`;
    return { failure: failure ?? 'unknown', ...ending(world, schedule) };
  } finally {
    setting.network.end();
    code.surroundings = undefined;
  }
}

const ending = (world: World, { start }: Schedule) => ({
  digest: world.digest(),
  trace: world.trace,
  length: world.now - start,
});

function build(schedule: Schedule, world: World, code: Code, target: Target): Setting {
  const { duplicates, batchSize, concurrency } = schedule;
  const prefixes = target.kind === 'cluster' ? SHARDS : [''];
  const shards = new Map(prefixes.map((prefix) => [prefix, new ShardModel()]));
  const deadLetters = new SimulatedQueue('orders-queue-dlq', world, { visibilitySeconds: 30, duplicates: 0 });
  const queue = new SimulatedQueue('orders-queue', world, {
    visibilitySeconds: ordersQueue.VisibilityTimeout,
    deadLetters: { queue: deadLetters, maxReceiveCount: ordersQueue.RedrivePolicy.maxReceiveCount },
    duplicates,
  });
  const sqs = new SimulatedSqs(world, [queue, deadLetters]);
  const network = new Network(world, target.resolve, (actor, request) => {
    const watch = worker.watch(actor.task, request) ?? api.watch(actor.task, request);
    return (
      watch && {
        ...watch,
        executed(reply, node) {
          watch.executed(reply, node);
          faults.noteWrite(node);
        },
      }
    );
  });
  code.surroundings = { world, network, sqs };
  const newFunction = (name: FunctionName) =>
    new LambdaFunction({ world, network, code }, name, target.url, timeoutOf(name));
  const lambda = newFunction('processOrders');
  const functions = new Map(READERS.map((name) => [name, newFunction(name)]));
  // The worker more often than all readers together.
  const victims = [lambda, lambda, lambda, lambda, lambda, lambda, ...functions.values()];
  const faults = new Faults({ world, network, target, sqs, functions: victims, shards });
  const orders = new Map(schedule.messages.map(({ body, order }) => [body, order]));
  const orderOf = ({ body }: { readonly body: string }) => orders.get(body);
  const done = new Set<string>();
  const onDone = ({ id }: { readonly id: string }) => void done.add(id);
  const takesWrites = () => faults.takesWrites;
  // A connection that was lost just before is found out only by a command.
  const wasDisturbed = (since: number) => faults.wasActive(since - TRUSTED_MS);
  const worker = new Worker({ world, queue, shards, orderOf, onDone, wasDisturbed, takesWrites }, lambda, {
    batchSize,
    concurrency,
  });
  sqs.onVisibilityChange = (change) => worker.watchVisibility(change.actor.task, change);
  const api = new Api({ world, shards, functions, wasDisturbed });
  const operators = new Operators({ world, code, network, redisUrl: target.url });
  return {
    world,
    code,
    network,
    target,
    queue,
    deadLetters,
    sqs,
    shards,
    faults,
    api,
    worker,
    operators,
    orderOf,
    done,
  };
}

function plan(schedule: Schedule, setting: Setting): void {
  const { world, queue, faults, api, operators } = setting;
  const { start, length } = schedule;
  each(world, start, schedule.messages, ({ id, body }) => queue.send(id, body));
  each(world, start, schedule.faults, (fault) => faults.happen(fault));
  each(world, start, schedule.requests, ({ route }: { route: Route }) => void api.ask(route));
  each(world, start, schedule.commands, ({ command }) => operators.run(command));
  const deadline = start + length + SETTLES_MS;
  const settle = (): void => {
    const { worker } = setting;
    const isSettled = queue.messages.length === 0 && worker.isIdle && api.isIdle && operators.isIdle && faults.isQuiet;
    if (isSettled) {
      world.note('all is settled');
      // One that waits for a request would disturb the check.
      setting.network.cut = undefined;
      checkEnd(schedule, setting).then(
        () => world.end(),
        (error) => world.violate(`the check at the end failed: ${error instanceof Error ? error.stack : error}`),
      );
    } else if (world.now > deadline) {
      world.violate(`${queue.messages.length} messages are neither counted nor dead letters`);
    } else {
      world.after(MINUTE, settle);
    }
  };
  world.at(start + length + MINUTE, settle);
}

/** Lets things happen one after the other: only the next one is planned. */
function each<T extends { readonly at: number }>(
  world: World,
  start: number,
  items: readonly T[],
  happen: (item: T) => void | Promise<void>,
): void {
  const next = (n: number): void => {
    const item = items[n];
    if (!item) return;
    world.at(start + item.at, async () => {
      await happen(item);
      next(n + 1);
    });
  };
  next(0);
}
