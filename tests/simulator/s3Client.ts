import { gunzipSync } from 'node:zlib';
import type { Random } from '../../scripts/shared/random.ts';
import type { ModelOrder } from '../support/modelTotals.ts';
import type { Actor, World } from './world.ts';

/**
 * How S3 answers. `failing`: with an error. `silent`: not at all. `answerLost`: it does what it is asked, and says nothing.
 * `slow`: in time, or a little late. `late`: it does what it is asked when nobody waits for it any more.
 */
export type S3State = 'up' | 'failing' | 'silent' | 'answerLost' | 'slow' | 'late';

type Input = { readonly Key: string; readonly Body: Uint8Array; readonly Prefix: string; readonly StartAfter?: string };
/** `assemble`: gives the request to code that keeps it from being sent. */
type Command = {
  readonly name: Exclude<(typeof COMMANDS)[number], 'HeadObject'>;
  readonly input: Input;
  readonly assemble?: () => void;
};
type Config = { readonly maxAttempts?: number; readonly requestHandler: { readonly requestTimeout: number } };
type Answer = { readonly response: { readonly headers: { readonly date: string } }; readonly output: unknown };
type Send = (command: Command) => Promise<Answer>;
/** What the code sends without the SDK: a PUT if there is a body, else a GET. */
type Request = { readonly path: string; readonly body?: Uint8Array };

/** The last one is assembled, and never sent. */
const COMMANDS = ['PutObject', 'ListObjectsV2', 'GetObject', 'HeadObject'] as const;
/** A request of the SDK for the object `orders/`. */
const ASSEMBLED = { protocol: 'http:', hostname: 's3', path: 'orders/', headers: {} };

/** How often the SDK tries by default. */
const USUAL_ATTEMPTS = 3;
/** Longest pause before the next attempt. */
const PAUSE_MS = 100;
/** A connection that was not used for longer may be gone: the client finds out only by a request. */
const KEPT_ALIVE_MS = 20_000;
/** Longest time that a late request is on its way. With wrong clocks, less than a replay allows for. */
const LATE_MS = 40_000;

/** A bucket of S3, as the SDK shows it to code in the simulation. */
export class SimulatedS3 {
  state: S3State = 'up';
  /** Called with what the sender of a `PutObject` knows in the end. */
  onPut: (put: { readonly actor: Actor; readonly isKept: boolean }) => void = () => {};
  readonly #objects = new Map<string, Uint8Array>();
  readonly #keys: string[] = [];
  readonly #orders = new Set<string>();
  readonly #random: Random;

  /** @param pageSize the most keys in an answer */
  constructor(
    private readonly world: World,
    private readonly pageSize: number,
  ) {
    this.#random = world.random('S3');
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** Whether an object has the order. */
  holds(order: ModelOrder): boolean {
    return this.#orders.has(textOf(order));
  }

  /** The module `@aws-sdk/client-s3`. */
  get module(): Record<string, unknown> {
    const s3 = this;
    const commands = COMMANDS.map((name) => [
      `${name}Command`,
      class {
        readonly name = name;
        assemble: (() => void) | undefined;
        readonly middlewareStack = {
          add: (middleware: () => (args: unknown) => unknown) => {
            this.assemble = () => middleware()({ request: ASSEMBLED });
          },
        };
        constructor(readonly input: Input) {}
      },
    ]);
    return {
      ...Object.fromEntries(commands),
      S3Client: class {
        #send: Send;
        readonly middlewareStack = {
          add: (middleware: (next: Send) => Send) => {
            this.#send = middleware(this.#send);
          },
        };
        readonly config: unknown;
        constructor({ maxAttempts = USUAL_ATTEMPTS, requestHandler }: Config) {
          const { send, handle } = s3.#client(maxAttempts, requestHandler.requestTimeout);
          this.#send = send;
          this.config = {
            systemClockOffset: 0,
            signer: async () => ({ sign: async (request: Request) => request }),
            requestHandler: { handle },
            streamCollector: async (body: unknown) => body,
          };
        }
        async send(command: Command): Promise<unknown> {
          return command.assemble ? command.assemble() : (await this.#send(command)).output;
        }
      },
    };
  }

  /** What a client does to get an answer, with and without the SDK. It has one connection, as far as that may be lost. */
  #client(maxAttempts: number, timeoutMs: number) {
    const { world } = this;
    let usedAt = world.now;
    const attempt = async (command: Command, actor: Actor): Promise<Answer | undefined> => {
      const isReset = world.now - usedAt > KEPT_ALIVE_MS && this.#random() < 0.5;
      const answer = await this.#attempt(command, actor, timeoutMs, isReset);
      usedAt = world.now;
      if (command.name === 'PutObject' && answer) this.onPut({ actor, isKept: true });
      return answer;
    };
    const send = async (command: Command): Promise<Answer> => {
      const actor = this.#caller;
      for (let attempts = 1; ; attempts++) {
        const answer = await attempt(command, actor);
        if (answer) return answer;
        if (attempts === maxAttempts) break;
        await new Promise<void>((resolve) => world.after(this.#random() * PAUSE_MS, resolve, { actor, kind: 'timer' }));
      }
      if (command.name === 'PutObject') this.onPut({ actor, isKept: false });
      throw new Error('S3 does not answer');
    };
    const handle = async ({ path, body }: Request): Promise<unknown> => {
      const input = { Key: decodeURIComponent(path), Body: body ?? new Uint8Array(), Prefix: '' };
      const answer = await attempt({ name: body ? 'PutObject' : 'GetObject', input }, this.#caller);
      if (!answer) throw new Error('S3 does not answer');
      return { response: { ...answer.response, statusCode: 200, body: this.#objects.get(input.Key) } };
    };
    return { send, handle };
  }

  get #caller(): Actor {
    const { current } = this.world;
    if (!current) throw new Error('Nobody calls S3');
    return current;
  }

  /** @returns the answer; undefined if there is none, or an error */
  #attempt(command: Command, actor: Actor, timeoutMs: number, isReset: boolean): Promise<Answer | undefined> {
    const { world, state } = this;
    return new Promise((resolve) => {
      const fail = (ms: number) => world.after(ms, () => resolve(undefined), { actor, kind: 'timer' });
      const act = (ms: number) => {
        world.after(ms / 2, () => {
          const answer = this.#do(command);
          if (state !== 'answerLost') world.after(ms / 2, () => resolve(answer), { actor });
        });
      };
      const usual = 5 + this.#random() * 20;
      if (isReset || state === 'failing') return fail(usual);
      fail(timeoutMs);
      if (state === 'slow') act(usual + this.#random() * 1.1 * timeoutMs);
      else if (state === 'late') act(2 * (timeoutMs + this.#random() * LATE_MS));
      else if (state !== 'silent') act(usual);
    });
  }

  #do({ name, input: { Key, Body, Prefix, StartAfter = '' } }: Command): Answer {
    const answer = (output: unknown) => ({
      response: { headers: { date: new Date(this.world.now).toUTCString() } },
      output,
    });
    switch (name) {
      case 'PutObject':
        this.#put(Key, Body);
        return answer({});
      case 'ListObjectsV2': {
        const first = this.#keys.findLastIndex((key) => key <= StartAfter) + 1;
        const keys = this.#keys.slice(first, first + this.pageSize);
        if (keys.some((key) => !key.startsWith(Prefix))) throw new Error(`${Prefix} does not have all keys`);
        return answer({
          Contents: keys.map((Key) => ({ Key })),
          IsTruncated: first + keys.length < this.#keys.length,
        });
      }
      case 'GetObject':
        return answer({ Body: { transformToByteArray: async () => this.#objects.get(Key) } });
    }
  }

  #put(key: string, body: Uint8Array): void {
    this.world.note(`S3 gets ${key}`);
    if (!this.#objects.has(key)) this.#keys.splice(this.#keys.findLastIndex((other) => other < key) + 1, 0, key);
    this.#objects.set(key, body);
    const lines = gunzipSync(body).toString().trimEnd().split('\n');
    for (const line of lines) this.#orders.add(textOf(readLine(line)));
  }
}

/** What an order says, as far as a line of the archive shows it. */
type Content = Pick<ModelOrder, 'orderId' | 'userId' | 'version' | 'isCancelled' | 'cents' | 'placed'>;

const textOf = ({ orderId, userId, version, isCancelled, cents, placed }: Content): string =>
  JSON.stringify([orderId, userId, version, isCancelled, cents, placed]);

function readLine(line: string): Content {
  const order = JSON.parse(line);
  return {
    orderId: order.order_id,
    userId: order.user_id,
    version: order.order_version,
    isCancelled: order.order_status === 'cancelled',
    cents: Math.round((order.order_value ?? 0) * 100),
    placed: Math.floor(Date.parse(order.order_timestamp) / 1000),
  };
}
