import { messages } from '../shared/message.ts';
import { table } from '../shared/table.ts';
import { type Explanation, explainLetters } from './explanations.ts';
import { type Job, Reasons } from './job.ts';
import type { LedgerReader } from './ledger.ts';

/** A row. The body is left out, which keeps memory small. */
type Row = Pick<Explanation, 'orderId' | 'reason'> & { messageId: string; sentAt: Date };

export type ListOptions = {
  /** Of the dead-letter queue. */
  readonly name: string;
  /** Most messages to show. */
  readonly limit: number;
  /** Columns of the terminal; undefined: lines may be of any length. */
  readonly width: number | undefined;
};

/** `list` for people: counts of the reasons, then the messages, oldest first. */
export function listing({ name, limit, width }: ListOptions, ledger: LedgerReader, now = Date.now()): Job {
  const reasons = new Reasons();
  const rows: Row[] = [];
  return {
    async take(letters) {
      for (const explanation of await explainLetters(letters, ledger)) {
        reasons.add(explanation);
        const { messageId, sentAt } = explanation.letter;
        rows.push({ messageId, sentAt, orderId: explanation.orderId, reason: explanation.reason });
      }
    },
    hasBegun: () => rows.length > 0,
    summary(rest) {
      const whole = rest === 'all-seen' ? '' : ` of ${rest === undefined ? 'an unknown number' : `about ${rest}`}`;
      const text = [`${name}: ${messages(rows.length)}${whole}`];
      if (rows.length === 0) return text.join('');
      text.push(
        table(
          ['messages', 'reason'],
          reasons.rows().map(([reason, count]) => [String(count), reason]),
          width,
        ),
      );
      rows.sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
      const shown = rows.slice(0, limit).map(({ sentAt, messageId, orderId, reason }) => {
        return [age(now - sentAt.getTime()), messageId, orderId ? `${orderId}: ${reason}` : reason];
      });
      if (limit > 0) text.push(table(['age', 'message id', 'order id: reason'], shown, width));
      if (rows.length > limit) text.push(`and ${rows.length - limit} more: see --limit and --json`);
      return text.join('\n');
    },
  };
}

/** `list --json`: a line for each message, written at once. */
export function jsonListing(write: (line: string) => void, ledger: LedgerReader): Job {
  return {
    async take(letters) {
      for (const { letter, orderId, kind, reason } of await explainLetters(letters, ledger)) {
        const { messageId, sentAt } = letter;
        write(JSON.stringify({ messageId, sentAt, orderId: orderId ?? null, kind, reason }));
      }
    },
    hasBegun: () => false,
    summary: () => '',
  };
}

/** From `0 s` to `14 d`. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `show`: one message with all that SQS says about it, and its body. */
export function showing(messageId: string, ledger: LedgerReader): Job & { isDone: NonNullable<Job['isDone']> } {
  let text: string | undefined;
  return {
    async take(letters) {
      const letter = letters.find((candidate) => candidate.messageId === messageId);
      const [explanation] = letter ? await explainLetters([letter], ledger) : [];
      if (!letter || !explanation) return;
      const lines = [
        `message id: ${messageId}`,
        `sent: ${letter.sentAt.toISOString()}`,
        `order id: ${explanation.orderId ?? 'none that can be read'}`,
        `reason: ${explanation.reason}`,
        ...Object.entries(letter.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
          const value = StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64');
          return `attribute ${name} (${DataType}): ${value}`;
        }),
      ];
      text = printable(`${lines.join('\n')}\n\n${letter.body}`);
    },
    isDone: () => text !== undefined,
    hasBegun: () => text !== undefined,
    summary: () => text ?? '',
  };
}

/** Escapes what would move the cursor: a message may hold anything. */
const printable = (text: string): string =>
  text.replace(/[^\P{C}\n\t]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
