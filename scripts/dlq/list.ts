import Table from 'cli-table3';
import { type Job, messages, Reasons } from './job.ts';
import { type Judgement, judge } from './judge.ts';
import type { Ledger } from './ledger.ts';

/** A row: without the body, of which there may be very many. */
type Row = Pick<Judgement, 'orderId' | 'reason'> & { messageId: string; sentAt: Date; receiveCount: number };

const STYLE = { head: [], border: [], compact: true };

/** `list` for people: counts of the reasons, then the messages, oldest first. */
export function listing(name: string, limit: number, ledger: Ledger, now = Date.now()): Job {
  const reasons = new Reasons();
  const rows: Row[] = [];
  return {
    async take(letters) {
      for (const judgement of await judge(letters, ledger)) {
        reasons.add(judgement);
        const { messageId, sentAt, receiveCount } = judgement.letter;
        rows.push({ messageId, sentAt, receiveCount, orderId: judgement.orderId, reason: judgement.reason });
      }
    },
    hasBegun: () => rows.length > 0,
    close: async () => ledger.close(),
    summary() {
      const text = [`${name}: ${messages(rows.length)}`];
      if (rows.length === 0) return text.join('');
      const counts = new Table({ head: ['messages', 'reason'], style: STYLE });
      for (const [reason, count] of reasons.rows()) counts.push([count, reason]);
      text.push(counts.toString());
      rows.sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
      const table = new Table({ head: ['age', 'receives', 'message id', 'order id', 'reason'], style: STYLE });
      for (const { sentAt, receiveCount, messageId, orderId = '', reason } of rows.slice(0, limit)) {
        table.push([age(now - sentAt.getTime()), receiveCount, messageId, orderId, reason]);
      }
      if (limit > 0) text.push(table.toString());
      if (rows.length > limit) text.push(`and ${messages(rows.length - limit)} more: see --limit and --json`);
      return text.join('\n');
    },
  };
}

/** `list --json`: a line for each message, at once. */
export function jsonListing(write: (line: string) => void, ledger: Ledger): Job {
  return {
    async take(letters) {
      for (const { letter, orderId, kind, reason } of await judge(letters, ledger)) {
        const { messageId, sentAt, receiveCount } = letter;
        write(JSON.stringify({ messageId, sentAt, receiveCount, orderId: orderId ?? null, kind, reason }));
      }
    },
    hasBegun: () => false,
    close: async () => ledger.close(),
    summary: () => '',
  };
}

/** A time span in its largest unit, from `0 s` to `14 d`. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
