import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
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

const Sending = v.object({ Entries: v.array(v.looseObject({ Id: v.string(), MessageBody: v.string() })) });
const Sent = v.looseObject({ Successful: v.optional(v.array(v.unknown())) });

/**
 * An SQS in front of another one that refuses some of the messages of a batch, as SQS does when it fails inside.
 *
 * @param endpoint URL of the other one
 */
export const startRefusingSqs = (endpoint: string, isRefused: (body: string) => boolean) =>
  startSqsProxy(endpoint, async ({ body }, forward) => {
    const sending = v.safeParse(Sending, JSON.parse(body));
    const refused = sending.success ? sending.output.Entries.filter((entry) => isRefused(entry.MessageBody)) : [];
    if (!sending.success || refused.length === 0) return forward(body);
    const Entries = sending.output.Entries.filter((entry) => !refused.includes(entry));
    const nothing = { status: 200, body: '{}' };
    const sent = Entries.length > 0 ? await forward(JSON.stringify({ ...JSON.parse(body), Entries })) : nothing;
    const Failed = refused.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'no' }));
    return { ...sent, body: JSON.stringify({ Successful: [], ...v.parse(Sent, JSON.parse(sent.body)), Failed }) };
  });
