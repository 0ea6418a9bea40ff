import { portNumbers } from 'get-port';
import { stageConfig, type Units } from '../../lib/config.ts';
import { type RunningStack, writeRunningStack } from '../../scripts/shared/runningStack.ts';
import { claimPort, isFree } from '../servers/ports.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { type Invoke, runEventSource } from './eventSource.ts';
import { answerAsGateway, LocalFunction } from './gateway.ts';
import { type LocalRedis, localRedis } from './redis.ts';
import { runReplays } from './replays.ts';
import { runSampleOrders, sampleOrders } from './samples.ts';
import {
  bucketOf,
  type EventSource,
  eventSourcesOf,
  gatewayResponsesOf,
  leaveCorsToFunctions,
  queuesOf,
  resolveReferences,
  type Schedule,
  type Serverless,
  takeSchedules,
} from './service.ts';
import { showResults } from './statusLine.ts';
import { whatToTry } from './welcome.ts';

/**
 * Starts Redis and the queues of the service, and tells its functions and serverless-offline where they are.
 *
 * @throws an error that says what to do when one of them cannot be started, or a setting is invalid
 */
export async function startLocalPipeline(serverless: Serverless): Promise<LocalPipeline> {
  const { provider, functions, resources } = serverless.service;
  Object.assign(provider.environment, {
    // Each delivery of an invalid message logs a warning.
    POWERTOOLS_LOG_LEVEL: process.env.LOG_LEVEL || 'ERROR',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const units = stageConfig(provider.environment);
  if (![undefined, '', '0'].includes(process.env.SAMPLE_ORDERS)) {
    throw new Error('SAMPLE_ORDERS must be 0 (no sample orders) or not set.');
  }
  const redis = await localRedis(process.env.REDIS_URL);
  const bucket = bucketOf(resources.Resources);
  const emulator = await startEmulator(queuesOf(resources.Resources), bucket?.name);
  const host = '127.0.0.1';
  const httpPort = await chooseHttpPort(serverless.processedInput.options.httpPort);
  const lambdaPort = await claimPort(portNumbers(3100, 3199));
  // Only now: serverless-esbuild, which runs meanwhile, replaces these settings.
  Object.assign(serverless.service.custom['serverless-offline'], {
    host,
    httpPort,
    lambdaPort,
    noSponsor: true,
    // API Gateway accepts any.
    disableCookieValidation: true,
  });
  leaveCorsToFunctions(functions);
  const replays = takeSchedules(functions);
  Object.assign(provider.environment, { REDIS_URL: redis.url, AWS_ENDPOINT_URL: emulator.endpoint });
  const values = new Map([...emulator.queues].map(([id, { url }]) => [id, url]));
  if (bucket) values.set(bucket.id, bucket.name);
  for (const { environment } of Object.values(functions)) {
    if (environment) resolveReferences(environment, values);
  }
  const places = { apiUrl: `http://localhost:${httpPort}`, archiveBucket: bucket?.name, ...units };
  return new LocalPipeline(serverless, redis, emulator, replays, places);
}

/** @throws an error when `option`, the value of --httpPort, is not a free port */
async function chooseHttpPort(option: string | undefined): Promise<number> {
  if (option === undefined) return claimPort(portNumbers(3000, 3099));
  const port = Number(option);
  if (!/^\d+$/.test(option) || port < 1 || port > 65_535)
    throw new Error('--httpPort must be a port, from 1 to 65535.');
  if (await isFree(port)) return port;
  throw new Error(`Port ${port} is taken: name another one with --httpPort, or leave it out.`);
}

/** What serverless-offline lacks: Redis, the queues, the polling that feeds functions from them, the archive and its replays. */
export class LocalPipeline {
  readonly #aborter = new AbortController();
  readonly #functions: LocalFunction[] = [];
  #results: Promise<void> | undefined;

  constructor(
    private readonly serverless: Serverless,
    private readonly redis: LocalRedis,
    private readonly emulator: Emulator,
    private readonly replays: readonly Schedule[],
    private readonly places: Units & Pick<RunningStack, 'apiUrl' | 'archiveBucket'>,
  ) {}

  /** To be called once serverless-offline answers requests. Starts to feed functions; sends sample orders in the background. */
  run(): void {
    answerAsGateway(this.serverless, gatewayResponsesOf(this.serverless.service.resources.Resources));
    const sources = eventSourcesOf(this.serverless.service.functions);
    for (const source of sources) {
      const queue = this.emulator.queues.get(source.queue);
      if (!queue) throw new Error(`serverless.yml has no queue ${source.queue} for ${source.functionKey}`);
      runEventSource(this.emulator.call, queue, source, this.#invokerOf(source.functionKey), this.#aborter.signal);
    }
    this.#welcome(sources)
      .catch((error) => {
        if (!this.#aborter.signal.aborted) console.error(`The sample orders failed: ${error.message}`);
      })
      .then(() => {
        for (const { functionKey, pauseMs } of this.replays) {
          runReplays(this.#invokerOf(functionKey), pauseMs, this.#aborter.signal);
        }
      });
  }

  #invokerOf(functionKey: string): Invoke {
    const local = new LocalFunction(this.serverless, functionKey);
    this.#functions.push(local);
    return (event) => local.invoke(event);
  }

  reloadFunctions(): void {
    for (const local of this.#functions) local.reload();
    console.log('The functions have changed and are loaded again.');
  }

  async stop(): Promise<void> {
    this.#aborter.abort();
    await this.#results;
    await Promise.all(this.#functions.map((local) => local.stop()));
    await this.emulator.stop();
    await this.redis.stop();
  }

  async #welcome(sources: readonly EventSource[]): Promise<void> {
    for (const { queue } of sources) {
      const orders = this.emulator.queues.get(queue);
      if (!orders?.deadLetters) continue;
      this.#results = showResults({ redisUrl: this.redis.url, sqs: this.emulator.call, orders }, this.#aborter.signal);
      // The user's own Redis may hold the statistics of a shop.
      const samples = process.env.SAMPLE_ORDERS || process.env.REDIS_URL ? undefined : sampleOrders();
      if (samples) {
        const running = { apiUrl: this.places.apiUrl, sqs: this.emulator.call, orders };
        console.log(await runSampleOrders(samples, running, this.#aborter.signal));
      } else if (process.env.REDIS_URL) {
        console.log('No sample orders are sent, because REDIS_URL names a Redis that may hold statistics.');
        if (this.places.archiveBucket) {
          console.log('The archive is new: it restores only orders that are counted from now on.');
        }
      }
      const places = {
        ...this.places,
        sqsEndpoint: this.emulator.endpoint,
        queueUrl: orders.url,
        redisUrl: this.redis.url,
      };
      const isFound = writeRunningStack({ pid: process.pid, ...places });
      console.log(whatToTry(places, { isFound, samplesFile: samples?.file }));
    }
  }
}
