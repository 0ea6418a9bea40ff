import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import type { Plugin } from 'esbuild';
import { type Bundle, bundle, requireHere } from './bundles.ts';
import { memoryFiles } from './files.ts';
import { type Globals, globalsOf, timersPromises } from './globals.ts';
import type { Network } from './network.ts';
import type { SimulatedS3 } from './s3Client.ts';
import type { SimulatedSqs } from './sqsClient.ts';
import type { Actor, World } from './world.ts';

/** What surrounds code in the simulation: another one in each schedule. */
export type Surroundings = {
  readonly world: World;
  readonly network: Network;
  readonly sqs: SimulatedSqs;
  readonly s3: SimulatedS3;
};

/** The handler of a function. */
export type Handler = (event: unknown, context: Context) => Promise<unknown>;

const FUNCTIONS = [
  'processOrders',
  'replayArchive',
  'getUserStats',
  'getGlobalStats',
  'getTopUsers',
  'getHealth',
  'getOverview',
  'getPipeline',
] as const;

export type FunctionName = (typeof FUNCTIONS)[number];

/** What operators and checks need of the scripts and of lib. */
export type OperatorCode = typeof import('./operatorCode.ts');

const ENVIRONMENT = {
  QUEUE_URL: 'http://sqs/000000000000/orders-queue',
  DEAD_LETTER_QUEUE_URL: 'http://sqs/000000000000/orders-queue-dlq',
  ARCHIVE_BUCKET: 'orders-archive',
  STAGE: 'simulation',
  VERSION: '0.0.0',
};

/** A replay of the few orders of a schedule has several slices, and several calls in a slice. */
const smallReplay: Plugin = {
  name: 'small replay',
  setup(build) {
    build.onLoad({ filter: /archive\/replay\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      const contents = code.replace('SLICE = 20_000', 'SLICE = 8').replace('length < LARGEST_CALL', 'length < 3');
      if (
        contents.length !==
        code.length - 'SLICE = 20_000length < LARGEST_CALL'.length + 'SLICE = 8length < 3'.length
      ) {
        throw new Error('A replay has other constants by now');
      }
      return { contents, loader: 'ts' };
    });
  },
};

/** The code of the pipeline, bundled once and evaluated in each container as a new one does at its start. */
export class Code {
  surroundings: Surroundings | undefined;

  /** One for all actors: it keeps no state between clients, and takes time and random numbers from the actor that runs. */
  readonly #ioredis: unknown;

  private constructor(
    private readonly functions: ReadonlyMap<FunctionName, Bundle>,
    private readonly operator: Bundle,
    ioredis: Bundle,
  ) {
    const globals = globalsOf(
      () => this.#place.world,
      () => this.#place.world.current?.random() ?? 0,
    );
    const net = {
      ...requireHere('node:net'),
      createConnection: ({ host, port }: { host: string; port: number }) => this.#place.network.connect(host, port),
    };
    const modules: Record<string, unknown> = { ...timersOf(globals), net };
    this.#ioredis = ioredis.evaluate({
      ...globals,
      process,
      console: SILENT,
      require: (name: string) => modules[name] ?? requireHere(name),
    });
  }

  /** @param plugins may put an error into the code */
  static async load(plugins: Plugin[] = []): Promise<Code> {
    // Of what is shared by all containers.
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    const functions = FUNCTIONS.map(
      async (name): Promise<[FunctionName, Bundle]> => [
        name,
        await bundle(`functions/${name}.ts`, [smallReplay, ...plugins]),
      ],
    );
    const operator = bundle('tests/simulator/operatorCode.ts', plugins);
    return new Code(new Map(await Promise.all(functions)), await operator, await bundle('ioredis'));
  }

  /** Starts a function in a container: its modules are evaluated afresh. */
  startFunction(name: FunctionName, actor: Actor, redisUrl: string): Handler {
    const code = this.functions.get(name);
    if (!code) throw new Error(`There is no function ${name}`);
    const { handler } = this.#evaluate(code, actor, redisUrl) as { handler: Handler };
    return handler;
  }

  startOperator(actor: Actor, redisUrl: string): OperatorCode {
    return this.#evaluate(this.operator, actor, redisUrl) as OperatorCode;
  }

  #evaluate(code: Bundle, actor: Actor, redisUrl: string): unknown {
    const { world, sqs, s3 } = this.#place;
    const globals = globalsOf(() => world, actor.random, actor.clockOffset);
    const modules: Record<string, unknown> = {
      ...timersOf(globals),
      ioredis: this.#ioredis,
      '@aws-sdk/client-sqs': sqs.module,
      '@aws-sdk/client-s3': s3.module,
      'node:fs/promises': memoryFiles(),
    };
    return code.evaluate({
      ...globals,
      process: { env: { ...ENVIRONMENT, REDIS_URL: redisUrl }, stderr: { write: () => true } },
      console: SILENT,
      require: (name: string) => modules[name] ?? requireHere(name),
    });
  }

  get #place(): Surroundings {
    if (!this.surroundings) throw new Error('No schedule runs');
    return this.surroundings;
  }
}

const timersOf = (globals: Globals) => ({
  'node:timers/promises': timersPromises(globals),
  'node:timers': { setTimeout: globals.setTimeout, clearTimeout: globals.clearTimeout },
});

const SILENT = { log() {}, error() {}, warn() {}, info() {}, debug() {} };
