import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedisServer } from '../../dev/servers/redisServer.ts';
import { pickNumber, type Random, seededRandom } from '../../scripts/shared/random.ts';
import { type Bundle, bundleHandler, Container } from './container.ts';
import { type Message, Queue } from './queue.ts';

/** A consumer of SQS that writes to Redis. */
export type Consumer = {
  /** Path of a module that exports `handler`: a Lambda function for events of SQS. */
  readonly handler: string;
  /** Its environment variables, for a Redis at a URL. */
  readonly environment: (redisUrl: string) => Readonly<Record<string, string>>;
  /** The body of the message of an order. */
  readonly body: (orderId: string) => string;
  /** How many times an order was counted. */
  readonly counted: (redis: Redis, orderId: string) => Promise<number>;
};

/** What went wrong. An order in the dead-letter queue is neither double nor lost. */
type Result = {
  readonly orders: number;
  /** Orders that were counted more than once. */
  readonly double: number;
  /** Orders that were not counted, though their messages were deleted. */
  readonly lost: number;
  /** Orders in the dead-letter queue, counted or not. */
  readonly dead: number;
};

const FAULTS = ['kill', 'freeze', 'cut', 'duplicate'] as const;
type Fault = (typeof FAULTS)[number];

const BATCH = 10;
/** Number of containers that work at once. */
const LANES = 8;
/** Timeout of an invocation. */
const TIMEOUT_MS = 400;
const VISIBILITY_MS = 500;
const MAX_RECEIVE_COUNT = 8;
/** A container that hangs for longer is killed, as Lambda would do. */
const HANGS_MS = 5000;

/**
 * Sends orders to a consumer on a real Redis and disturbs every delivery. Its container is killed (SIGKILL), it is frozen
 * (SIGSTOP) until its messages were delivered again, its connections to Redis are cut, or two containers get the batch.
 * The first three happen at a packet to or from Redis that the seed picks, a kill and a cut in the middle of the packet. A
 * delivery with fewer packets is disturbed at its end, just before SQS learns of it.
 *
 * @returns when every message is deleted or in the dead-letter queue
 */
export async function runUnderFaults(consumer: Consumer, faults: number, seed: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-faults-'));
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  try {
    const bundle = await bundleHandler(resolve(consumer.handler), folder);
    const run = new Run(consumer, bundle, server.port, faults, seededRandom(seed, 0));
    await Promise.all(Array.from({ length: LANES }, () => run.lane()));
    const counts = await Promise.all(run.orders.map((id) => consumer.counted(redis, id)));
    const { messages } = run.queue;
    const isDeleted = (n: number) => messages[n]?.state === 'deleted';
    return {
      orders: run.orders.length,
      double: counts.filter((count) => count > 1).length,
      lost: counts.filter((count, n) => count === 0 && isDeleted(n)).length,
      dead: messages.filter(({ state }) => state === 'dead').length,
    };
  } finally {
    redis.disconnect();
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Containers that process batches of one queue until all faults have happened. */
class Run {
  readonly orders: string[] = [];
  readonly queue = new Queue(VISIBILITY_MS, MAX_RECEIVE_COUNT);
  #faultsToCome: number;

  constructor(
    private readonly consumer: Consumer,
    private readonly bundle: Bundle,
    private readonly redisPort: number,
    faults: number,
    private readonly random: Random,
  ) {
    this.#faultsToCome = faults;
  }

  /** Delivers batches one after another to a container, which is replaced if it dies. */
  async lane(): Promise<void> {
    let container = await this.#start();
    while (this.#faultsToCome > 0 || !this.queue.isEmpty) {
      const fault = this.#faultsToCome > 0 ? FAULTS[pickNumber(this.random, FAULTS.length)] : undefined;
      if (fault) this.#send();
      const batch = this.queue.receive(BATCH, fault === 'duplicate');
      if (batch.length === 0) {
        await sleep(5);
        continue;
      }
      if (fault) this.#faultsToCome -= 1;
      await this.#deliver(container, batch, fault);
      if (container.isDead) container = await this.#start();
    }
    container.kill();
  }

  #start(): Promise<Container> {
    return Container.start(this.bundle, this.redisPort, TIMEOUT_MS, this.consumer.environment);
  }

  #send(): void {
    for (let n = 0; n < BATCH; n++) {
      const id = `order-${this.orders.length}`;
      this.orders.push(id);
      this.queue.send(id, this.consumer.body(id));
    }
  }

  async #deliver(container: Container, batch: readonly Message[], fault: Fault | undefined): Promise<void> {
    const disturb = this.#disturbance(container, fault);
    container.proxy.interruptAt(
      disturb && {
        packet: 1 + pickNumber(this.random, 6),
        part: fault === 'freeze' ? 1 : this.random(),
        run: disturb,
      },
    );
    const hangs = setTimeout(() => container.kill(), HANGS_MS);
    const failed = await container.deliver({ Records: batch.map(recordOf) });
    clearTimeout(hangs);
    // The delivery had fewer packets: SQS does not learn of its end, or the fault falls between two deliveries.
    if (disturb && container.proxy.isArmed()) {
      container.proxy.interruptAt(undefined);
      disturb();
      if (fault === 'kill') return;
    }
    if (!failed || failed === 'all') return;
    for (const message of batch) if (!failed.has(message.id)) this.queue.delete(message);
  }

  #disturbance(container: Container, fault: Fault | undefined): (() => void) | undefined {
    switch (fault) {
      case 'kill':
        return () => container.kill();
      case 'cut':
        return container.proxy.cut;
      case 'freeze':
        return () => {
          container.freeze();
          // Until other containers have received its messages.
          setTimeout(() => container.thaw(), VISIBILITY_MS * (1 + this.random()));
        };
      default:
        return undefined;
    }
  }
}

const recordOf = ({ id, body, receives }: Message) => ({
  messageId: id,
  receiptHandle: `${id}-${receives}`,
  body,
  attributes: { ApproximateReceiveCount: `${receives}` },
});
