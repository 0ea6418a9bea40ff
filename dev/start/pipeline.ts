import { once } from 'node:events';
import type { Server } from 'node:http';
import { portNumbers } from 'get-port';
import { stageConfig, type Units } from '../../lib/config.ts';
import { type RunningStack, writeRunningStack } from '../../scripts/shared/runningStack.ts';
import { listenOnFirst } from '../servers/ports.ts';
import type { Bundles } from './bundles.ts';
import type { Service } from './configuration.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { runEventSource } from './eventSource.ts';
import { createGateway } from './gateway.ts';
import { LocalFunction } from './localFunction.ts';
import { type LocalRedis, localRedis } from './redis.ts';
import { runReplays } from './replays.ts';
import { runSampleOrders, sampleOrders } from './samples.ts';
import {
  bucketOf,
  type EventSource,
  eventSourcesOf,
  gatewayResponsesOf,
  queuesOf,
  resolveReferences,
  routesOf,
  type Schedule,
  schedulesOf,
} from './service.ts';
import { showResults } from './statusLine.ts';
import { whatToTry } from './welcome.ts';

const HOST = '127.0.0.1';

/**
 * Starts a stage on this machine.
 *
 * @param httpPort of the API; by default 3000, or the next free one
 * @throws an error that says what to do when a part cannot be started, or a setting is invalid
 */
export async function startLocalPipeline(
  service: Service,
  bundles: Bundles,
  httpPort: string | undefined,
): Promise<LocalPipeline> {
  if (![undefined, '', '0'].includes(process.env.SAMPLE_ORDERS)) {
    throw new Error('SAMPLE_ORDERS must be 0 (no sample orders) or not set.');
  }
  const ports = httpPort === undefined ? portNumbers(3000, 3099) : [portOf(httpPort)];
  const { stage, environment } = service.provider;
  Object.assign(environment, {
    // Each delivery of an invalid message logs a warning.
    POWERTOOLS_LOG_LEVEL: process.env.LOG_LEVEL || 'ERROR',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const units = stageConfig(environment);
  const schedules = schedulesOf(service.functions);
  const { Resources } = service.resources;
  const bucket = bucketOf(Resources);
  const [redis, emulator] = await Promise.all([
    localRedis(process.env.REDIS_URL),
    startEmulator(queuesOf(Resources), bucket?.name),
  ]);
  const values = new Map([...emulator.queues].map(([id, { url }]) => [id, url]));
  if (bucket) values.set(bucket.id, bucket.name);
  Object.assign(environment, { REDIS_URL: redis.url, AWS_ENDPOINT_URL: emulator.endpoint });
  const functions = localFunctions(service, values, bundles);
  bundles.onChange(() => {
    for (const local of functions.values()) local.reload();
    console.log('The functions have changed and are loaded again.');
  });
  const routes = routesOf(service.functions).map((route) => ({ ...route, local: find(functions, route.functionKey) }));
  const gateway = createGateway(routes, {
    stage,
    responses: gatewayResponsesOf(Resources),
    minimumCompressionSize: service.resources.extensions.ApiGatewayRestApi.Properties.MinimumCompressionSize,
  });
  const port = await listen(gateway, ports);
  await bundles.ready;
  const places = { apiUrl: `http://localhost:${port}`, archiveBucket: bucket?.name, ...units };
  const pipeline = new LocalPipeline({ service, schedules, redis, emulator, bundles, functions, gateway }, places);
  pipeline.run();
  return pipeline;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Error('--httpPort must be a port, from 1 to 65535.');
}

async function listen(server: Server, ports: Iterable<number>): Promise<number> {
  try {
    return await listenOnFirst(ports, (port) => once(server.listen(port, HOST), 'listening'));
  } catch (error) {
    if (!(error instanceof Error && 'port' in error)) throw error;
    throw new Error(`Port ${error.port} is taken: name another one with --httpPort, or leave it out.`);
  }
}

type Functions = ReadonlyMap<string, LocalFunction>;

/** @param values of the resources that the environment of a function refers to, by their names */
function localFunctions(
  { service, provider, functions }: Service,
  values: ReadonlyMap<string, string>,
  bundles: Bundles,
): Functions {
  const ofShell = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  return new Map(
    Object.entries(functions).map(([key, { handler, environment, ...own }]) => {
      const functionName = `${service}-${provider.stage}-${key}`;
      resolveReferences(environment, values);
      const settings = {
        functionName,
        file: bundles.fileOf(handler.source),
        handler: handler.name,
        timeoutMs: (own.timeout ?? provider.timeout) * 1000,
        memorySize: own.memorySize ?? provider.memorySize,
        environment: {
          ...Object.fromEntries(ofShell),
          AWS_REGION: provider.region,
          AWS_LAMBDA_FUNCTION_NAME: functionName,
          ...provider.environment,
          ...environment,
        },
      };
      return [key, new LocalFunction(settings, bundles.ready)];
    }),
  );
}

function find(functions: Functions, key: string): LocalFunction {
  const local = functions.get(key);
  if (!local) throw new Error(`serverless.yml has no function ${key}`);
  return local;
}

/** What runs. */
type Parts = {
  readonly service: Service;
  readonly schedules: readonly Schedule[];
  readonly redis: LocalRedis;
  readonly emulator: Emulator;
  readonly bundles: Bundles;
  readonly functions: Functions;
  readonly gateway: Server;
};

/** Everything of stage `local` on this machine: Redis, queues, archive, functions, the API, and what feeds the functions. */
export class LocalPipeline {
  readonly #aborter = new AbortController();
  #results: Promise<void> | undefined;

  constructor(
    private readonly parts: Parts,
    private readonly places: Units & Pick<RunningStack, 'apiUrl' | 'archiveBucket'>,
  ) {}

  /** Starts to feed functions; sends sample orders in the background. */
  run(): void {
    const { service, schedules, emulator, functions } = this.parts;
    const { signal } = this.#aborter;
    const sources = eventSourcesOf(service.functions);
    for (const source of sources) {
      const queue = emulator.queues.get(source.queue);
      if (!queue) throw new Error(`serverless.yml has no queue ${source.queue} for ${source.functionKey}`);
      const local = find(functions, source.functionKey);
      runEventSource(emulator.call, queue, source, (event) => local.invoke(event), signal);
    }
    this.#welcome(sources)
      .catch((error) => {
        if (!signal.aborted) console.error(`The sample orders failed: ${error.message}`);
      })
      .then(() => {
        for (const { functionKey, pauseMs } of schedules) {
          const local = find(functions, functionKey);
          runReplays((event) => local.invoke(event), pauseMs, signal);
        }
      });
  }

  async stop(): Promise<void> {
    const { redis, emulator, bundles, functions, gateway } = this.parts;
    this.#aborter.abort();
    await this.#results;
    gateway.close().closeAllConnections();
    await Promise.all([bundles.stop(), ...Array.from(functions.values(), (local) => local.stop())]);
    await emulator.stop();
    await redis.stop();
  }

  async #welcome(sources: readonly EventSource[]): Promise<void> {
    const { redis, emulator } = this.parts;
    for (const { queue } of sources) {
      const orders = emulator.queues.get(queue);
      if (!orders?.deadLetters) continue;
      this.#results = showResults({ redisUrl: redis.url, sqs: emulator.call, orders }, this.#aborter.signal);
      // The user's own Redis may hold the statistics of a shop.
      const samples = process.env.SAMPLE_ORDERS || process.env.REDIS_URL ? undefined : sampleOrders();
      if (samples) {
        const running = { apiUrl: this.places.apiUrl, sqs: emulator.call, orders };
        console.log(await runSampleOrders(samples, running, this.#aborter.signal));
      } else if (process.env.REDIS_URL) {
        console.log('No sample orders are sent, because REDIS_URL names a Redis that may hold statistics.');
        if (this.places.archiveBucket) {
          console.log('The archive is new: it restores only orders that are counted from now on.');
        }
      }
      const places = {
        ...this.places,
        sqsEndpoint: emulator.endpoint,
        queueUrl: orders.url,
        redisUrl: redis.url,
      };
      const isFound = writeRunningStack({ pid: process.pid, ...places });
      console.log(whatToTry(places, { isFound, samplesFile: samples?.file }));
    }
  }
}
