import { SingleBar } from 'cli-progress';

/** Shows how far a run is. */
export type Progress = {
  /**
   * @param done - messages, or bytes of the file
   * @param sent - messages
   */
  show(done: number, sent: number): void;
  /** Prints a line that stays. */
  note(text: string): void;
  /** Ends the display. */
  stop(): void;
};

/** What there is to do: a number of messages, or the bytes of a file. */
export type Whole = { readonly kind: 'generated' | 'file'; readonly size: number };

/** Standard error, usually. */
export type Display = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shortest time between two plain lines, in milliseconds. */
const LINE_INTERVAL = 2000;

const FORMATS = {
  generated: '{bar} {percentage} % | {value} of {total} | {speed}/s | {left} left',
  file: '{bar} {percentage} % of the file | {sent} sent | {speed}/s | {left} left',
};

/** A bar on a terminal, elsewhere a line every 2 seconds. */
export function showProgress(whole: Whole, stream: Display, now = () => performance.now()): Progress {
  return stream.isTTY ? startBar(whole, stream, now) : startLines(whole, stream, now);
}

/** Prints a line that stays. A progress bar moves below it. */
export function writeLine(text: string, stream: Display = process.stderr): void {
  // At its end the bar clears the line at the saved position, which must be its own.
  stream.write(stream.isTTY ? `\r\x1b[K${text}\n\x1b7` : `${text}\n`);
}

function startBar({ kind, size }: Whole, stream: Display, now: () => number): Progress {
  const start = now();
  const bar = new SingleBar({
    stream,
    format: FORMATS[kind],
    // So that the line fits into 80 columns.
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    // A line printed above it would leave a gap until the numbers change.
    forceRedraw: true,
    // Ctrl-C still waits for calls and prints a summary.
    gracefulExit: false,
    clearOnComplete: true,
  });
  // An exit before the end would leave the terminal without a cursor.
  const stop = () => bar.stop();
  process.once('exit', stop);
  bar.start(size, 0, { sent: 0, speed: 0, left: '?' });
  return {
    show(done, sent) {
      const time = now() - start;
      bar.update(done, { sent, speed: speedOf(sent, time), left: timeLeft(time, done, size) });
    },
    note: (text) => writeLine(text, stream),
    stop() {
      process.off('exit', stop);
      stop();
    },
  };
}

function startLines({ kind, size }: Whole, stream: Display, now: () => number): Progress {
  const start = now();
  const show = stepLines(stream, now);
  return {
    show: (done, sent) =>
      show(() => {
        const percent = size > 0 ? Math.floor((done / size) * 100) : 0;
        const part = kind === 'generated' ? `of ${size} (${percent} %)` : `(${percent} % of the file)`;
        return `sent ${sent} ${part}, ${speedOf(sent, now() - start)}/s`;
      }),
    note: (text) => writeLine(text, stream),
    stop() {},
  };
}

const speedOf = (sent: number, ms: number): number => (ms > 0 ? Math.round((sent * 1000) / ms) : 0);

/** Time left at the speed so far. A file is read in large steps, which the bar's own estimate cannot handle. */
function timeLeft(ms: number, done: number, size: number): string {
  const seconds = done > 0 ? Math.ceil((ms * (size / done - 1)) / 1000) : 0;
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** Shows how far a long step is. May be called often: it asks for the text only when a line is due. */
export type Show = (describe: () => string) => void;

/** Prints a line every 2 seconds. */
export function stepLines(stream: NodeJS.WritableStream, now = () => performance.now()): Show {
  let last = now();
  return (describe) => {
    const time = now();
    if (time - last < LINE_INTERVAL) return;
    last = time;
    stream.write(`${describe()}\n`);
  };
}
