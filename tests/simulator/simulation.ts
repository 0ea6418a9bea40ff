import { ShardModel } from '../support/model.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import { Acknowledged } from './acknowledged.ts';
import { Api, type Route } from './api.ts';
import type { Code, FunctionName } from './code.ts';
import { ordersQueue, timeoutOf } from './deployed.ts';
import { checkDeadLetters, checkEnd } from './end.ts';
import { Faults } from './faults.ts';
import { LambdaFunction } from './lambda.ts';
import { Network } from './network.ts';
import { Operators } from './operators.ts';
import { SimulatedQueue } from './queue.ts';
import { Replays } from './replays.ts';
import { SimulatedS3 } from './s3Client.ts';
import type { Schedule } from './schedule.ts';
import { Records } from './script.ts';
import { SimulatedSqs } from './sqsClient.ts';
import type { Target } from './target.ts';
import { Worker } from './worker.ts';
import { World } from './world.ts';

/** The names of the shards of a cluster, as the keys show them. */
const SHARDS = [18, 69, 54, 112, 68, 59, 111, 9, 56, 110, 8, 57].map((name) => `{${name}}:`);

const READERS: readonly FunctionName[] = [
  'getGlobalStats',
  'getUserStats',
  'getTopUsers',
  'getHealth',
  'getOverview',
  'getPipeline',
];
/** How long after its last use a connection is trusted to stand. */
const TRUSTED_MS = 100;
const MINUTE = 60_000;
/** Longest time that each step at the end takes, once nothing comes from outside any more. */
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
  readonly replays: Replays;
  readonly acknowledged: Acknowledged;
  readonly records: Records;
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
  const { duplicates, batchSize, concurrency, pageSize } = schedule;
  const { maxReceiveCount: maxReceives } = ordersQueue.RedrivePolicy;
  const prefixes = target.kind === 'cluster' ? SHARDS : [''];
  const shards = new Map(prefixes.map((prefix) => [prefix, new ShardModel()]));
  const deadLetters = new SimulatedQueue('orders-queue-dlq', world, { visibilitySeconds: 30, duplicates: 0 });
  const queue = new SimulatedQueue('orders-queue', world, {
    visibilitySeconds: ordersQueue.VisibilityTimeout,
    deadLetters: { queue: deadLetters, maxReceiveCount: maxReceives },
    duplicates,
  });
  const sqs = new SimulatedSqs(world, [queue, deadLetters]);
  const network = new Network(world, target.resolve, (actor, request) => {
    const { task } = actor;
    const watch = worker.watch(task, request) ?? replays.watch(task, request) ?? api.watch(task, request);
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
  const s3 = new SimulatedS3(world, pageSize);
  code.surroundings = { world, network, sqs, s3 };
  const newFunction = (name: FunctionName) =>
    new LambdaFunction({ world, network, code }, name, target.url, timeoutOf(name));
  const lambda = newFunction('processOrders');
  const functions = new Map(READERS.map((name) => [name, newFunction(name)]));
  const replay = newFunction('replayArchive');
  // The worker more often than all readers together.
  const victims = [lambda, lambda, lambda, lambda, lambda, lambda, replay, ...functions.values()];
  const faults = new Faults({
    world,
    network,
    target,
    sqs,
    s3,
    functions: victims,
    replay,
    replays: () => replays,
    shards,
  });
  const acknowledged = new Acknowledged();
  const records = new Records(code.startOperator(world.newActor('reader'), target.url).writeCall);
  const orders = new Map(schedule.messages.map(({ body, order }) => [body, order]));
  const orderOf = ({ body }: { readonly body: string }) => orders.get(body);
  const done = new Set<string>();
  const onDone = ({ id }: { readonly id: string }) => void done.add(id);
  const takesWrites = () => faults.takesWrites;
  // A connection that was lost just before is found out only by a command.
  const wasDisturbed = (since: number) => faults.wasActive(since - TRUSTED_MS);
  const hasJumped = () => faults.hasJumped;
  const workerPlace = { world, queue, shards, s3, acknowledged, orderOf, onDone, wasDisturbed, takesWrites, hasJumped };
  const worker = new Worker(workerPlace, lambda, { batchSize, concurrency, maxReceives });
  const replays = new Replays({ world, s3, shards, records, acknowledged, faults, wasDisturbed }, replay);
  s3.onPut = ({ actor, isKept }) => worker.watchArchive(actor.task, isKept);
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
    replays,
    acknowledged,
    records,
    worker,
    operators,
    orderOf,
    done,
  };
}

function plan(schedule: Schedule, setting: Setting): void {
  const { world, queue, records, faults, api, operators } = setting;
  const { start, length } = schedule;
  each(world, start, schedule.messages, (message) => {
    records.add(message);
    queue.send(message.id, message.body);
  });
  each(world, start, schedule.faults, (fault) => faults.happen(fault));
  each(world, start, schedule.requests, ({ route }: { route: Route }) => void api.ask(route));
  each(world, start, schedule.commands, ({ command }) => operators.run(command));
  world.at(start + length + MINUTE, () => {
    end(schedule, setting).then(
      () => world.end(),
      (error) => world.violate(`the end failed: ${error instanceof Error ? error.stack : error}`),
    );
  });
}

/** All becomes well again by itself. What cannot is up to an operator. */
async function end(schedule: Schedule, setting: Setting): Promise<void> {
  const { world, queue, worker, api, operators, replays, faults, network, acknowledged } = setting;
  /** Waits until something is so. */
  const until = (what: string, isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const deadline = world.now + SETTLES_MS;
      const look = (): void => {
        if (isSo()) resolve();
        else if (world.now > deadline) world.violate(`after ${SETTLES_MS / MINUTE} minutes: ${what}`);
        else world.after(MINUTE, look);
      };
      look();
    });
  const isIdle = () => queue.messages.length === 0 && worker.isIdle && api.isIdle && operators.isIdle;
  const settled = () => until(`${queue.messages.length} messages are neither counted nor dead letters`, isIdle);
  const replayed = () => {
    const since = world.now;
    // One at work may still refuse what was there before.
    const isDone = () => replays.isIdle && (replays.isStopped || replays.wholeSince > since);
    return until('the archive is not replayed', isDone);
  };

  replays.offUntil = 0;
  replays.isLazy = false;
  await until('faults last', () => faults.isQuiet);
  // What waits for a request would disturb the end.
  network.cut = undefined;
  replays.disturbance = undefined;
  await settled();
  checkDeadLetters(schedule, setting);
  await replayed();
  if (replays.isStopped || faults.hasJumped || schedule.isRebuilt) {
    world.note('OPERATOR empties Redis');
    await new Promise<void>((resolve) => {
      // In an event, so that nothing else happens meanwhile.
      world.after(0, async () => {
        for (let node = 0; node < setting.target.primaries.length; node++) {
          await faults.lose({ kind: 'empty', node, isNew: true });
        }
        resolve();
      });
    });
    acknowledged.startAgain();
    replays.isStopped = false;
    faults.hasJumped = false;
    await replayed();
  }
  // Those that Redis had lost what they change, and those that are counted and not in the archive.
  operators.run('redrive --only retryable');
  await settled();
  await replayed();
  if (replays.isStopped) world.violate('a replay refuses a Redis that has only lately been filled');
  world.note('all is settled');
  await checkEnd(schedule, setting);
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
