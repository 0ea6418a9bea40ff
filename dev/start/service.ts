import * as v from 'valibot';

/** What the local stack reads and sets of serverless.yml, once its variables are resolved. */
type Service = {
  readonly provider: { readonly environment: Record<string, unknown> };
  readonly functions: Readonly<Record<string, ServiceFunction>>;
  readonly resources: { readonly Resources: Readonly<Record<string, unknown>> };
  readonly custom: { readonly 'serverless-offline': Record<string, unknown> };
};

/** What the local stack uses of the Serverless Framework. */
export type Serverless = {
  readonly service: Service;
  readonly processedInput: { readonly options: { readonly httpPort?: string } };
  readonly pluginManager: { readonly plugins: readonly object[] };
};

/** A function of the service. */
export type ServiceFunction = { readonly events?: unknown[]; readonly environment?: Record<string, unknown> };

/** What API Gateway answers itself to requests of one kind. */
export type GatewayResponse = {
  readonly type: string;
  /** None: the status that the request would have otherwise. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A queue as serverless.yml declares it. */
export type QueueResource = {
  /** Name of the resource in the template. */
  readonly id: string;
  readonly name: string;
  /** Attributes as CreateQueue takes them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where messages go that are received too often. */
  readonly redrive?: { readonly target: string; readonly maxReceiveCount: number };
};

/** An event source mapping: a function fed from a queue. */
export type EventSource = {
  readonly functionKey: string;
  /** Resource name of the queue. */
  readonly queue: string;
  /** Messages at most in one invocation. */
  readonly batchSize: number;
};

const arnOf = v.pipe(
  v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  v.transform((reference) => reference['Fn::GetAtt'][0]),
);

const Queue = v.object({
  Type: v.literal('AWS::SQS::Queue'),
  Properties: v.object({
    QueueName: v.string(),
    VisibilityTimeout: v.optional(v.number(), 30),
    MessageRetentionPeriod: v.optional(v.number(), 345_600),
    RedrivePolicy: v.optional(v.object({ deadLetterTargetArn: arnOf, maxReceiveCount: v.number() })),
  }),
});

/** The queues among the resources of the service, dead-letter queues first, as others refer to them. */
export function queuesOf(resources: Readonly<Record<string, unknown>>): QueueResource[] {
  const queues: QueueResource[] = [];
  for (const [id, resource] of Object.entries(resources)) {
    const parsed = v.safeParse(Queue, resource);
    if (!parsed.success) continue;
    const { QueueName, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = parsed.output.Properties;
    queues.push({
      id,
      name: QueueName,
      attributes: {
        VisibilityTimeout: `${VisibilityTimeout}`,
        MessageRetentionPeriod: `${MessageRetentionPeriod}`,
      },
      ...(RedrivePolicy && {
        redrive: { target: RedrivePolicy.deadLetterTargetArn, maxReceiveCount: RedrivePolicy.maxReceiveCount },
      }),
    });
  }
  return queues.sort((a, b) => Number(Boolean(a.redrive)) - Number(Boolean(b.redrive)));
}

const GatewayResponseResource = v.pipe(
  v.object({
    Type: v.literal('AWS::ApiGateway::GatewayResponse'),
    Properties: v.object({
      ResponseType: v.string(),
      StatusCode: v.optional(v.pipe(v.string(), v.transform(Number))),
      ResponseParameters: v.record(v.string(), v.string()),
      ResponseTemplates: v.object({ 'application/json': v.string() }),
    }),
  }),
  v.transform(
    ({ Properties }): GatewayResponse => ({
      type: Properties.ResponseType,
      status: Properties.StatusCode,
      // `gatewayresponse.header.Name: "'value'"`
      headers: Object.fromEntries(
        Object.entries(Properties.ResponseParameters).map(([name, value]) => [
          name.slice('gatewayresponse.header.'.length),
          value.slice(1, -1),
        ]),
      ),
      body: Properties.ResponseTemplates['application/json'],
    }),
  ),
);

/** The gateway responses among the resources of the service. */
export function gatewayResponsesOf(resources: Readonly<Record<string, unknown>>): GatewayResponse[] {
  return Object.values(resources).flatMap((resource) => {
    const parsed = v.safeParse(GatewayResponseResource, resource);
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

const Reference = v.object({ Ref: v.string() });

/** Puts queue URLs where the environment of a function refers to a queue, as CloudFormation would. */
export function resolveQueueUrls(
  environment: Record<string, unknown>,
  queues: ReadonlyMap<string, { readonly url: string }>,
): void {
  for (const [name, value] of Object.entries(environment)) {
    const queue = v.is(Reference, value) && queues.get(value.Ref);
    if (queue) environment[name] = queue.url;
  }
}

const HttpEvent = v.object({ http: v.object({ path: v.string(), cors: v.object({}) }) });

/**
 * Has the functions answer preflights. serverless-offline would do so itself, but not as API Gateway does, and change the
 * headers of other answers too.
 */
export function leaveCorsToFunctions(functions: Readonly<Record<string, ServiceFunction>>): void {
  for (const { events = [] } of Object.values(functions)) {
    for (const event of events.filter((event) => v.is(HttpEvent, event))) {
      Reflect.deleteProperty(event.http, 'cors');
      events.push({ http: { method: 'options', path: event.http.path } });
    }
  }
}

/** The event source mappings of the service that report partial batch failures. */
export function eventSourcesOf(functions: Readonly<Record<string, ServiceFunction>>): EventSource[] {
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events.flatMap((event) => {
      const parsed = v.safeParse(SqsEvent, event);
      if (!parsed.success) return [];
      const { arn, batchSize } = parsed.output.sqs;
      return [{ functionKey, queue: arn, batchSize }];
    }),
  );
}
