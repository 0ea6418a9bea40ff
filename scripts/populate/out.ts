import { open } from 'node:fs/promises';
import { errorText } from '../../lib/errorText.ts';
import { Problem } from '../dlq/problem.ts';
import type { Message } from '../shared/message.ts';

/** A file that keeps what was sent. */
export type Out = {
  /** @throws a {@link Problem} when the file cannot be written */
  write(messages: readonly Message[]): Promise<void>;
  close(): Promise<void>;
};

/** Bodies hold addresses: a new file is only for its owner. */
const MODE = 0o600;

/**
 * Opens a file that messages are appended to, one a line, for `verify` and `populate` to read.
 *
 * @throws a {@link Problem} when the file cannot be written
 */
export async function openOut(path: string): Promise<Out> {
  const explain = (error: unknown): never => {
    throw new Problem(`Cannot write ${path}: ${errorText(error)}`);
  };
  const file = await open(path, 'a', MODE).catch(explain);
  return {
    async write(messages) {
      // A line break in JSON is between its tokens, where a space is as good.
      const lines = messages.map(({ body }) => `${body.replace(/[\r\n]+/g, ' ')}\n`);
      await file.appendFile(lines.join('')).catch(explain);
    },
    close: () => file.close(),
  };
}
