import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

/** Actions whose answers hold URLs of queues. */
const ANSWERED_WITH_URLS = ['CreateQueue', 'GetQueueUrl', 'ListQueues'].map((action) => `AmazonSQS.${action}`);

const WithQueueUrl = v.object({ QueueUrl: v.pipe(v.string(), v.url()) });

type Request = { readonly body: unknown; readonly headers: Readonly<Record<string, unknown>> };

/**
 * Has the emulator know its queues by the URLs that LocalStack takes, such as
 * http://localhost:4566/000000000000/orders-queue, whatever the host in it. Its own begin with sqs.us-east-1.localhost,
 * which not every machine resolves.
 */
export function takeUrlsOfLocalStack(app: ReturnType<typeof buildApp>): void {
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
