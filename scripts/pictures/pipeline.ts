import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, runInTerminal } from './command.ts';
import { Terminal } from './terminal.ts';

/** An `npm start` for pictures, in a terminal. */
export type PicturedPipeline = {
  readonly terminal: Terminal;
  /** Resolves with the address of the page, once it is there. */
  readonly page: Promise<string>;
  /** Runs a command of the repository, which finds this pipeline by itself. */
  run(line: string, terminal?: Terminal): Command;
  stop(): Promise<void>;
};

/** Starts one, with a Redis of its own. */
export function startPipeline(environment: Readonly<Record<string, string>> = {}): PicturedPipeline {
  const file = join(tmpdir(), `orders-stack-${randomUUID()}.json`);
  const own = { REDIS_URL: '', NPM_START_FILE: file };
  const command = runInTerminal('npm start --silent', { ...own, ...environment });
  return {
    terminal: command.terminal,
    page: command.shows(/^To look at: (\S+\/dashboard)/m).then(([, url = '']) => url),
    run: (line, terminal = new Terminal()) => runInTerminal(line, own, terminal),
    async stop() {
      command.interrupt();
      await command.ended;
      rmSync(file, { force: true });
    },
  };
}
