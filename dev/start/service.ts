import * as v from 'valibot';
import { ACCOUNT } from './localStack.ts';

type ServiceFunction = { readonly events?: readonly unknown[] };

const arnOf = v.pipe(
  v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  v.transform((reference) => reference['Fn::GetAtt'][0]),
);

const Queue = v.pipe(
  v.object({
    Type: v.literal('AWS::SQS::Queue'),
    Properties: v.object({
      QueueName: v.string(),
      VisibilityTimeout: v.optional(v.number(), 30),
      MessageRetentionPeriod: v.optional(v.number(), 345_600),
      RedrivePolicy: v.optional(v.object({ deadLetterTargetArn: arnOf, maxReceiveCount: v.number() })),
    }),
  }),
  v.transform(({ Properties: { QueueName, RedrivePolicy, ...attributes } }) => ({
    name: QueueName,
    /** As CreateQueue takes them. */
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, `${value}`])),
    /** Where messages go that are received too often. */
    redrive: RedrivePolicy && {
      /** Resource name of the dead-letter queue. */
      target: RedrivePolicy.deadLetterTargetArn,
      maxReceiveCount: RedrivePolicy.maxReceiveCount,
    },
  })),
);

/** A queue as serverless.yml declares it; `id` is the name of the resource. */
export type QueueResource = { readonly id: string } & Readonly<v.InferOutput<typeof Queue>>;

/** The queues among the resources of the service, dead-letter queues first, because others refer to them. */
export function queuesOf(resources: Readonly<Record<string, unknown>>): QueueResource[] {
  return Object.entries(resources)
    .flatMap(([id, resource]) => {
      const parsed = v.safeParse(Queue, resource);
      return parsed.success ? [{ id, ...parsed.output }] : [];
    })
    .sort((a, b) => Number(Boolean(a.redrive)) - Number(Boolean(b.redrive)));
}

const Bucket = v.object({
  Type: v.literal('AWS::S3::Bucket'),
  Properties: v.object({ BucketName: v.object({ 'Fn::Sub': v.string() }) }),
});

/** The bucket among the resources of the service, if there is one. `id` is the name of the resource. */
export function bucketOf(
  resources: Readonly<Record<string, unknown>>,
): { readonly id: string; readonly name: string } | undefined {
  for (const [id, resource] of Object.entries(resources)) {
    if (!v.is(Bucket, resource)) continue;
    return { id, name: resource.Properties.BucketName['Fn::Sub'].replace(/\$\{AWS::AccountId\}/, ACCOUNT) };
  }
  return undefined;
}

const GatewayResponse = v.pipe(
  v.object({
    Type: v.literal('AWS::ApiGateway::GatewayResponse'),
    Properties: v.object({
      ResponseType: v.string(),
      StatusCode: v.optional(v.pipe(v.string(), v.transform(Number))),
      ResponseParameters: v.record(v.string(), v.string()),
      ResponseTemplates: v.object({ 'application/json': v.string() }),
    }),
  }),
  v.transform(({ Properties }) => ({
    type: Properties.ResponseType,
    /** None: the status that the request would have otherwise. */
    status: Properties.StatusCode,
    // `gatewayresponse.header.Name: "'value'"`
    headers: Object.fromEntries(
      Object.entries(Properties.ResponseParameters).map(([name, value]) => [
        name.slice('gatewayresponse.header.'.length),
        value.slice(1, -1),
      ]),
    ),
    body: Properties.ResponseTemplates['application/json'],
  })),
);

/** What API Gateway itself answers to one kind of request. */
export type GatewayResponse = Readonly<v.InferOutput<typeof GatewayResponse>>;

/** The gateway responses among the resources of the service. */
export function gatewayResponsesOf(resources: Readonly<Record<string, unknown>>): GatewayResponse[] {
  return Object.values(resources).flatMap((resource) => {
    const parsed = v.safeParse(GatewayResponse, resource);
    return parsed.success ? [parsed.output] : [];
  });
}

const SqsEvent = v.object({
  sqs: v.object({
    arn: arnOf,
    batchSize: v.optional(v.number(), 10),
    functionResponseType: v.literal('ReportBatchItemFailures'),
  }),
});

/** A function and the queue that feeds it, by its resource name. */
export type EventSource = { readonly functionKey: string; readonly queue: string; readonly batchSize: number };

/** The event source mappings of the service that report partial batch failures. */
export function eventSourcesOf(functions: Readonly<Record<string, ServiceFunction>>): EventSource[] {
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events.flatMap((event) => {
      const parsed = v.safeParse(SqsEvent, event);
      return parsed.success
        ? [{ functionKey, queue: parsed.output.sqs.arn, batchSize: parsed.output.sqs.batchSize }]
        : [];
    }),
  );
}

const ScheduleEvent = v.object({ schedule: v.object({ rate: v.string() }) });

/** EventBridge has no seconds: they are for tests. */
const UNITS_IN_MS = new Map([
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

/** A function that runs again and again, and the pause after each run. */
export type Schedule = { readonly functionKey: string; readonly pauseMs: number };

/** The schedules of the service. @throws an error when one is not a rate */
export function schedulesOf(functions: Readonly<Record<string, ServiceFunction>>): Schedule[] {
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events
      .filter((event) => v.is(ScheduleEvent, event))
      .map(({ schedule }) => ({ functionKey, pauseMs: msOf(schedule.rate) })),
  );
}

function msOf(rate: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (.+?)s?\)$/.exec(rate) ?? [];
  const ms = Number(count) * (UNITS_IN_MS.get(unit) ?? Number.NaN);
  if (ms > 0) return ms;
  throw new Error(`npm start takes only a rate as a schedule, such as rate(1 minute), not ${rate}.`);
}

const Reference = v.object({ Ref: v.string() });

/**
 * Puts URLs of queues and the name of the bucket where the environment of a function refers to them, as CloudFormation would.
 *
 * @param values by the names of the resources
 */
export function resolveReferences(environment: Record<string, unknown>, values: ReadonlyMap<string, string>): void {
  for (const [name, value] of Object.entries(environment)) {
    const resolved = v.is(Reference, value) ? values.get(value.Ref) : undefined;
    if (resolved !== undefined) environment[name] = resolved;
  }
}

const Cors = v.object({ origin: v.string(), headers: v.array(v.string()), maxAge: v.number() });

/** What browsers are told before they send a request of another origin. */
export type Cors = v.InferOutput<typeof Cors>;

const HttpEvent = v.object({ http: v.object({ method: v.string(), path: v.string(), cors: v.optional(Cors) }) });

/** A path of the API and the function that answers there. */
export type HttpRoute = {
  readonly functionKey: string;
  readonly method: string;
  readonly path: string;
  readonly cors?: Cors | undefined;
};

/** The routes of the service. */
export function routesOf(functions: Readonly<Record<string, ServiceFunction>>): HttpRoute[] {
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events.filter((event) => v.is(HttpEvent, event)).map(({ http }) => ({ functionKey, ...http })),
  );
}
