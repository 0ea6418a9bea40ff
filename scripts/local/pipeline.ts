import { portNumbers } from 'get-port';
import * as v from 'valibot';
import { type Units, unitsConfig } from '../../lib/config.ts';
import { claimPort } from '../shared/ports.ts';
import { writeRunningStack } from '../shared/runningStack.ts';
import { runEventSource } from './eventSource.ts';
import { answerAsGateway, LocalFunctions } from './gateway.ts';
import { type QueueServer, startQueueServer } from './queues.ts';
import { type LocalRedis, localRedis } from './redis.ts';
import { runSampleOrders, sampleOrders } from './samples.ts';
import {
  type EventSource,
  eventSourcesOf,
  gatewayResponsesOf,
  leaveCorsToFunctions,
  queuesOf,
  resolveQueueUrls,
  type Serverless,
} from './service.ts';
import { showResults } from './statusLine.ts';
import { whatToTry } from './welcome.ts';

const ServiceUnits = v.object({ TIME_ZONE: v.string(), CURRENCY: v.string() });

/**
 * Starts Redis and the queues of the service, and has its functions and serverless-offline know where they are.
 *
 * @throws an error that says what to do when one of them cannot be started, or the service has a setting that is wrong
 */
export async function startLocalPipeline(serverless: Serverless): Promise<LocalPipeline> {
  const { provider, functions, resources } = serverless.service;
  // Before the functions, which would fail for it at every message.
  const units = unitsConfig(v.parse(ServiceUnits, provider.environment));
  const redis = await localRedis(process.env.REDIS_URL);
  const server = await startQueueServer(queuesOf(resources.Resources));
  const host = '127.0.0.1';
  const httpPort = await claimPort(portNumbers(3000, 3099));
  const lambdaPort = await claimPort(portNumbers(3100, 3199));
  // Only now, as serverless-esbuild, which works meanwhile, replaces these settings.
  Object.assign(serverless.service.custom['serverless-offline'], {
    host,
    httpPort,
    lambdaPort,
    noSponsor: true,
    // API Gateway lets any through.
    disableCookieValidation: true,
  });
  leaveCorsToFunctions(functions);
  Object.assign(provider.environment, {
    REDIS_URL: redis.url,
    AWS_ENDPOINT_URL: server.endpoint,
    // A message that can never be counted is received several times; the table of sample orders says it once.
    POWERTOOLS_LOG_LEVEL: process.env.LOG_LEVEL ?? 'ERROR',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  for (const { environment } of Object.values(functions)) {
    if (environment) resolveQueueUrls(environment, server.queues);
  }
  return new LocalPipeline(serverless, redis, server, { apiUrl: `http://localhost:${httpPort}`, ...units });
}

/** The parts that serverless-offline does not have: Redis, the queues, and what feeds functions from them. */
export class LocalPipeline {
  readonly #aborter = new AbortController();
  #functions: LocalFunctions | undefined;
  #results: Promise<void> | undefined;

  constructor(
    private readonly serverless: Serverless,
    private readonly redis: LocalRedis,
    private readonly server: QueueServer,
    private readonly api: Units & { readonly apiUrl: string },
  ) {}

  /** Once serverless-offline answers requests: starts to feed functions from their queues; the sample orders follow in the background. */
  run(): void {
    answerAsGateway(this.serverless, gatewayResponsesOf(this.serverless.service.resources.Resources));
    const functions = new LocalFunctions(this.serverless);
    const sources = eventSourcesOf(this.serverless.service.functions);
    for (const source of sources) {
      const queue = this.server.queues.get(source.queue);
      if (!queue) throw new Error(`serverless.yml has no queue ${source.queue} for ${source.functionKey}`);
      const invoke = (event: unknown) => functions.invoke(source.functionKey, event);
      runEventSource(this.server.call, queue, source, invoke, this.#aborter.signal);
    }
    this.#functions = functions;
    this.#welcome(sources).catch((error) => {
      if (!this.#aborter.signal.aborted) console.error(`The sample orders did not get through: ${error.message}`);
    });
  }

  /** The next batch is for the functions as they are now. */
  reloadFunctions(): void {
    this.#functions?.reload();
  }

  /** Ends everything that was started. */
  async stop(): Promise<void> {
    this.#aborter.abort();
    await this.#results;
    await this.#functions?.stop();
    await this.server.stop();
    await this.redis.stop();
  }

  async #welcome(sources: readonly EventSource[]): Promise<void> {
    for (const { queue } of sources) {
      const orders = this.server.queues.get(queue);
      if (!orders?.deadLetters) continue;
      this.#results = showResults({ redisUrl: this.redis.url, sqs: this.server.call, orders }, this.#aborter.signal);
      const samples = process.env.SAMPLE_ORDERS === '0' ? undefined : sampleOrders();
      if (samples) {
        const running = { apiUrl: this.api.apiUrl, server: this.server, orders, deadLetters: orders.deadLetters };
        console.log(await runSampleOrders(samples, running, this.#aborter.signal));
      }
      const places = {
        ...this.api,
        sqsEndpoint: this.server.endpoint,
        queueUrl: orders.url,
        redisUrl: this.redis.url,
      };
      const isFound = writeRunningStack({ pid: process.pid, ...places });
      console.log(whatToTry(places, { isFound, samplesFile: samples?.file }));
    }
  }
}
