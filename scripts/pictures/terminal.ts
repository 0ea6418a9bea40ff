import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// It is CommonJS: Node.js finds no names in it.
import xterm, { type Terminal } from '@xterm/headless';

const COLUMNS = 100;
const ROWS = 40;
const CTRL_C = '\x03';

/** An empty terminal. */
export const openTerminal = (): Terminal =>
  new xterm.Terminal({ cols: COLUMNS, rows: ROWS, convertEol: true, allowProposedApi: true });

/** The lines of a terminal down to the last that is not empty. */
export function linesOf({ buffer }: Terminal): string[] {
  const { length } = buffer.active;
  const lines = Array.from({ length }, (_, line) => buffer.active.getLine(line)?.translateToString(true) ?? '');
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

/** A command that runs in a terminal. */
type Command = {
  readonly terminal: Terminal;
  /** Settles with the exit code when it has ended and the terminal shows all of it. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first match in what it shows; rejects when it ends without. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** Presses Ctrl-C. */
  interrupt(): void;
};

/**
 * Runs a command line in a terminal, as progress bars show in none otherwise. Needs `script` of Linux, which opens one.
 *
 * @param environment in addition to that of this process
 */
function runInTerminal(line: string, environment: Readonly<Record<string, string>>, terminal: Terminal): Command {
  const child = spawn('script', ['-qefc', `stty cols ${COLUMNS} rows ${ROWS} -echo; exec ${line}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  child.stdout.on('data', (bytes) => terminal.write(bytes));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`Cannot open a terminal with script: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => terminal.write('', () => resolve(code)));
  });
  ended.catch(() => {});
  const interrupt = () => child.stdin.write(CTRL_C);
  process.once('exit', interrupt);
  return {
    terminal,
    ended,
    interrupt,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(linesOf(terminal).join('\n'));
          if (match) resolve(match);
        };
        terminal.onWriteParsed(look);
        ended.then(() => reject(new Error(`${line} ended:\n${linesOf(terminal).join('\n')}`)), reject);
        look();
      }),
  };
}

/** An `npm start` for pictures, in a terminal. */
export type PicturedPipeline = {
  readonly terminal: Terminal;
  /** Resolves with the address of the page, once it is there. */
  readonly page: Promise<string>;
  /** Runs a command of the repository, which finds this pipeline on its own. */
  run(line: string, terminal?: Terminal): Command;
  stop(): Promise<void>;
};

/** Starts one, with a Redis of its own. */
export function startPipeline(environment: Readonly<Record<string, string>> = {}): PicturedPipeline {
  const file = join(tmpdir(), `orders-stack-${randomUUID()}.json`);
  const own = { REDIS_URL: '', NPM_START_FILE: file };
  const command = runInTerminal('npm start --silent', { ...own, ...environment }, openTerminal());
  return {
    terminal: command.terminal,
    page: command.shows(/^To look at: (\S+\/dashboard)/m).then(([, url = '']) => url),
    run: (line, terminal = openTerminal()) => runInTerminal(line, own, terminal),
    async stop() {
      command.interrupt();
      await command.ended;
      rmSync(file, { force: true });
    },
  };
}
