import type { Job } from './job.ts';
import { judge } from './judge.ts';
import type { Ledger } from './ledger.ts';

/** `show`: one message with all that SQS says about it, and its body as it is. */
export function showing(
  messageId: string,
  ledger: Pick<Ledger, 'find' | 'close'>,
): Job & { isDone: NonNullable<Job['isDone']> } {
  let text: string | undefined;
  return {
    async take(letters) {
      const letter = letters.find((candidate) => candidate.messageId === messageId);
      const [judgement] = letter ? await judge([letter], ledger) : [];
      if (!letter || !judgement) return;
      const lines = [
        `message id: ${messageId}`,
        `sent: ${letter.sentAt.toISOString()}`,
        `order id: ${judgement.orderId ?? 'none that can be read'}`,
        `reason: ${judgement.reason}`,
        ...Object.entries(letter.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
          const value = StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64');
          return `attribute ${name} (${DataType}): ${value}`;
        }),
      ];
      text = printable(`${lines.join('\n')}\n\n${letter.body}`);
    },
    isDone: () => text !== undefined,
    hasBegun: () => text !== undefined,
    close: async () => ledger.close(),
    summary: () => text ?? '',
  };
}

/** With what would move the cursor as an escape: a message may hold anything. */
const printable = (text: string): string =>
  text.replace(/[^\P{C}\n\t]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
