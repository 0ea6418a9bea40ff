import * as v from 'valibot';
import { startSqsProxy } from './sqsProxy.ts';

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
