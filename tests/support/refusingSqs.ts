import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';

const Sending = v.object({ Entries: v.array(v.looseObject({ Id: v.string(), MessageBody: v.string() })) });
const Sent = v.looseObject({ Successful: v.optional(v.array(v.unknown())) });

/**
 * An SQS in front of another one that refuses some of the messages of a batch, as SQS does when it fails inside.
 *
 * @param endpoint URL of the other one
 */
export async function startRefusingSqs(endpoint: string, isRefused: (body: string) => boolean) {
  const server = createServer(async (request, response) => {
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    headers.delete('content-length');
    headers.delete('host');
    const forward = async (body: string) => {
      const answer = await fetch(endpoint, { method: 'POST', headers, body });
      response.statusCode = answer.status;
      return answer.text();
    };
    const body = await text(request);
    const sending = v.safeParse(Sending, JSON.parse(body));
    const refused = sending.success ? sending.output.Entries.filter((entry) => isRefused(entry.MessageBody)) : [];
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (!sending.success || refused.length === 0) return response.end(await forward(body));
    const Entries = sending.output.Entries.filter((entry) => !refused.includes(entry));
    const answer = Entries.length > 0 ? await forward(JSON.stringify({ ...JSON.parse(body), Entries })) : '{}';
    const Failed = refused.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'no' }));
    response.end(JSON.stringify({ Successful: [], ...v.parse(Sent, JSON.parse(answer)), Failed }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
