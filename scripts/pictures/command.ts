import { spawn } from 'node:child_process';
import { Terminal } from './terminal.ts';

const COLUMNS = 100;
const CTRL_C = '\x03';

/** A command that runs in a terminal of its own. */
export type Command = {
  readonly terminal: Terminal;
  /** Settles with the exit code when it has ended. */
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
 * @param terminal to write to, by default a new one
 */
export function runInTerminal(
  line: string,
  environment: Readonly<Record<string, string>>,
  terminal = new Terminal(),
): Command {
  const child = spawn('script', ['-qefc', `stty cols ${COLUMNS} rows 40 -echo; exec ${line}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  child.stdout.setEncoding('utf8').on('data', (text) => terminal.write(text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`Cannot open a terminal with script: ${cause.message}`, { cause })),
    );
    child.once('close', resolve);
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
          const match = pattern.exec(terminal.text);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        ended.then(() => reject(new Error(`${line} ended:\n${terminal.text}`)), reject);
        look();
      }),
  };
}
