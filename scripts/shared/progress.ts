import { SingleBar } from 'cli-progress';

/** Tells how far it is. */
export type Progress = {
  /**
   * @param done - messages, or bytes of the file
   * @param sent - messages
   */
  show(done: number, sent: number): void;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Ends the display. */
  stop(): void;
};

/** All there is to do: a number of messages, or the bytes of a file. */
export type Whole = { readonly kind: 'generated' | 'file'; readonly size: number };

/** Where to: standard error, usually. */
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

/** Writes a line that stays, in place of a bar where there is one: the bar goes on below it. */
export function writeLine(text: string, stream: Display = process.stderr): void {
  // The bar returns to the saved place at its end, and clears the line: that has to be its own.
  stream.write(stream.isTTY ? `\r\x1b[K${text}\n\x1b7` : `${text}\n`);
}

function startBar({ kind, size }: Whole, stream: Display, now: () => number): Progress {
  const start = now();
  const bar = new SingleBar({
    stream,
    format: FORMATS[kind],
    // The whole line fits into 80 columns.
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    // So that a line written above it does not leave a gap until the numbers change.
    forceRedraw: true,
    // Ctrl-C is ours: there are calls to wait for and a summary to print.
    gracefulExit: false,
    // What counts is in the summary.
    clearOnComplete: true,
  });
  // A process that exits in the middle would leave a terminal without a cursor behind.
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

/** Time left at the speed so far: a file is read in big steps, from which the bar's own estimate makes nothing. */
function timeLeft(ms: number, done: number, size: number): string {
  const seconds = done > 0 ? Math.ceil((ms * (size / done - 1)) / 1000) : 0;
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** Shows how far a long step is; to be called often. It asks for the line only when one is due. */
export type Show = (describe: () => string) => void;

/** Shows how far a long run is: a plain line every 2 seconds, none for a short run. */
export function stepLines(stream: NodeJS.WritableStream, now = () => performance.now()): Show {
  let last = now();
  return (describe) => {
    const time = now();
    if (time - last < LINE_INTERVAL) return;
    last = time;
    stream.write(`${describe()}\n`);
  };
}
