import type { IncomingMessage } from 'node:http';
import { buildApp } from 'fauxqs';
import { portNumbers } from 'get-port';
import * as v from 'valibot';
import { listenOnFirst } from '../servers/ports.ts';
import type { QueueResource } from './service.ts';

/** Where LocalStack would listen. */
const USUAL_PORT = 4566;

/** A queue that exists. */
export type Queue = { readonly name: string; readonly url: string; readonly arn: string; readonly deadLetters?: Queue };

/**
 * Calls an action of the emulator within the process. Signatures, checksums and sockets would take longer than the action.
 *
 * @throws an error when the emulator refuses
 */
export type SqsCall = (action: string, input: object) => Promise<unknown>;

/** The emulator of SQS and S3, with the queues of the service and the bucket of its archive. */
export type Emulator = {
  readonly endpoint: string;
  /** By resource name in serverless.yml. */
  readonly queues: ReadonlyMap<string, Queue>;
  readonly call: SqsCall;
  stop(): Promise<void>;
};

/**
 * Starts the emulator in this process, on port 4566 or the next free one, and creates the queues and the bucket. Both are kept
 * in memory.
 *
 * @throws an error when a queue refers to a dead-letter queue that is not among them
 */
export async function startEmulator(resources: readonly QueueResource[], bucket?: string): Promise<Emulator> {
  const app = buildApp({ logger: false });
  refuseOthers(app, bucket);
  takeUrlsOfLocalStack(app);
  const port = await listenOnFirst(portNumbers(USUAL_PORT, USUAL_PORT + 100), (port) =>
    app.listen({ port, host: '127.0.0.1' }),
  );
  const host = `localhost:${port}`;
  const call: SqsCall = async (action, input) => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/',
      headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(input),
    });
    if (statusCode !== 200) throw new Error(`SQS refused ${action}: ${body}`);
    return JSON.parse(body);
  };
  if (bucket) await app.inject({ method: 'PUT', url: `/${bucket}`, headers: { host } });
  const queues = new Map<string, Queue>();
  for (const resource of resources) queues.set(resource.id, await createQueue(call, resource, queues));
  return { endpoint: `http://${host}`, queues, call, stop: () => app.close() };
}

const WithQueueUrl = v.object({ QueueUrl: v.pipe(v.string(), v.url()) });
const WithArn = v.object({ Attributes: v.object({ QueueArn: v.string() }) });

async function createQueue(
  call: SqsCall,
  { name, attributes, redrive }: QueueResource,
  existing: ReadonlyMap<string, Queue>,
): Promise<Queue> {
  const deadLetters = redrive && existing.get(redrive.target);
  if (redrive && !deadLetters)
    throw new Error(`serverless.yml has no queue ${redrive.target} for ${name} to redrive to`);
  const policy = redrive && { deadLetterTargetArn: deadLetters?.arn, maxReceiveCount: redrive.maxReceiveCount };
  const created = await call('CreateQueue', {
    QueueName: name,
    Attributes: { ...attributes, ...(policy && { RedrivePolicy: JSON.stringify(policy) }) },
  });
  const { QueueUrl: url } = v.parse(WithQueueUrl, created);
  const { Attributes } = v.parse(
    WithArn,
    await call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { name, url, arn: Attributes.QueueArn, ...(deadLetters && { deadLetters }) };
}

const DEPTH = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
const Depth = v.object({ Attributes: v.record(v.string(), v.pipe(v.string(), v.transform(Number))) });

/** How many messages a queue holds, visible or not. */
export async function waitingIn(call: SqsCall, { url }: Queue): Promise<number> {
  const answer = await call('GetQueueAttributes', { QueueUrl: url, AttributeNames: DEPTH });
  return Object.values(v.parse(Depth, answer).Attributes).reduce((sum, count) => sum + count, 0);
}

/** What is used of Fastify's requests and replies: its types are not installed. */
type Request = Pick<IncomingMessage, 'headers'> & {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
};
type Reply = { code(status: number): Reply; type(type: string): Reply; send(body: string): Reply };

const WHAT_IS_HERE =
  'Only the archive and SQS are here, and SQS only with its JSON protocol: use boto3 1.28.81, AWS CLI 1.29.81 or 2.14, ' +
  'or a newer one, or send a file with npm run populate -- --file';

/** An error of SQS's older protocol. */
const REFUSAL = `<ErrorResponse><Error><Type>Sender</Type><Code>UnsupportedProtocol</Code><Message>${WHAT_IS_HERE}</Message></Error></ErrorResponse>\n`;

/**
 * Refuses everything but SQS's JSON protocol, and S3 for the bucket in the path. The emulator would take SQS's older protocol
 * for SNS, or for S3 at the URL of a queue or bucket, and answer 200. Accepts JSON that is posted to the URL of a queue, as SQS
 * does.
 */
function refuseOthers(app: ReturnType<typeof buildApp>, bucket: string | undefined): void {
  const isJson = (type: string | undefined) => type?.includes('application/x-amz-json-1.0');
  app.server.prependListener('request', (request: IncomingMessage) => {
    if (isJson(request.headers['content-type'])) request.url = '/';
  });
  app.addHook('onRequest', async ({ method, url, headers }: Request, reply: Reply) => {
    if (method === 'POST' && url === '/' && isJson(headers['content-type'])) return;
    const isForm = method === 'POST' && headers['content-type']?.includes('application/x-www-form-urlencoded');
    if (bucket && !isForm && isOfArchive(bucket, method, url)) return;
    return reply.code(400).type('text/xml').send(REFUSAL);
  });
}

/** Whether a request is for the bucket, or for a list of the buckets. SQS's older protocol names an action. */
function isOfArchive(bucket: string, method: string, url: string): boolean {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/') return method === 'GET' && !searchParams.has('Action');
  return pathname.split('/', 2)[1] === bucket;
}

/** Actions whose answers hold URLs of queues. */
const ANSWERED_WITH_URLS = ['CreateQueue', 'GetQueueUrl', 'ListQueues'].map((action) => `AmazonSQS.${action}`);

/**
 * Gives queues the URLs that they have on LocalStack, for example http://localhost:4566/000000000000/orders-queue, and accepts
 * these with any host. The emulator's own begin with sqs.us-east-1.localhost, which not every machine resolves.
 */
function takeUrlsOfLocalStack(app: ReturnType<typeof buildApp>): void {
  /** URLs of the emulator, by their path. */
  const urls = new Map<string, string>();

  app.addHook('preHandler', async ({ body }: Request) => {
    if (!v.is(WithQueueUrl, body)) return;
    body.QueueUrl = urls.get(new URL(body.QueueUrl).pathname) ?? body.QueueUrl;
  });

  app.addHook('onSend', async ({ headers }: Request, _reply: unknown, payload: unknown) => {
    if (!ANSWERED_WITH_URLS.some((action) => headers['x-amz-target'] === action)) return payload;
    return v
      .parse(v.string(), payload)
      .replace(/"http:\/\/sqs\.[^/"]+?\.(localhost[^/"]*)(\/[^"]+)"/g, (own, host, path) => {
        urls.set(path, own.slice(1, -1));
        return `"http://${host}${path}"`;
      });
  });
}
