import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

/** An answer of SQS, in JSON. */
export type SqsAnswer = { readonly status: number; readonly body: string };

/** Answers a call of an action such as `ReceiveMessage`, given its JSON and what asks the other SQS. */
export type Answering = (
  call: { readonly action: string; readonly body: string },
  forward: (body: string) => Promise<SqsAnswer>,
) => Promise<SqsAnswer>;

/**
 * An SQS in front of another one that has its own way of answering some of the calls.
 *
 * @param endpoint URL of the other one
 */
export async function startSqsProxy(endpoint: string, answer: Answering) {
  const server = createServer(async (request, response) => {
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    headers.delete('content-length');
    headers.delete('host');
    const forward = async (body: string) => {
      const forwarded = await fetch(endpoint, { method: 'POST', headers, body });
      return { status: forwarded.status, body: await forwarded.text() };
    };
    const action = headers.get('x-amz-target')?.split('.').at(-1) ?? '';
    const { status, body } = await answer({ action, body: await text(request) }, forward);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
  });
  return { endpoint: `http://127.0.0.1:${await listen(server)}`, stop: () => void server.close() };
}
