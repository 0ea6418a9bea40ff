/** Shortest time between two lines, in milliseconds. */
const INTERVAL = 2000;

/**
 * Tells on standard error how far a long run is: a plain line every 2 seconds, none for a short run.
 *
 * @returns to be called often; it asks for the line only when one is due
 */
export function showLines(
  stream: NodeJS.WritableStream,
  now = () => performance.now(),
): (describe: () => string) => void {
  let last = now();
  return (describe) => {
    const time = now();
    if (time - last < INTERVAL) return;
    last = time;
    stream.write(`${describe()}\n`);
  };
}
